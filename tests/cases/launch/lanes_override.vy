//! lanes: 5
//! out y: 5 5 5 5 5 0 0 0
// a dispatch gives another number of lanes
program p(y: write u32[8]) {
    lanes 2;

    y[lane] = num_lanes;
}
