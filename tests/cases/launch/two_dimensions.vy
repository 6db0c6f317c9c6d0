//! in w: 3
//! in h: 2
//! out y: 0 10 20 1 11 21
//! out n: 3 2
//! clean
// lane.x runs fastest; num_lanes per dimension
program p(w: u32, h: u32, y: write u32[w * h], n: write u32[2]) {
    lanes w, h;

    y[lane.y * num_lanes.x + lane.x] = lane.x * 10 + lane.y;
    if (lane.x == 0 && lane.y == 0) {
        n[0] = num_lanes.x;
        n[1] = num_lanes.y;
    }
}
