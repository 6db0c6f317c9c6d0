//! out y: 0 1 10 11 20 21 100 101 110 111 120 121
//! clean
// three dimensions
program p(y: write u32[12]) {
    lanes 2, 3, 2;

    y[(lane.z * 3 + lane.y) * 2 + lane.x] =
        lane.x + lane.y * 10 + lane.z * 100;
}
