//! out y: 10 3 4
//! clean
// variables of vector and struct type live across loops
struct State {
    sum: u32;
    last: u32x2;
}

program p(y: write u32[3]) {
    lanes 1;

    var s = State(0, u32x2(0, 0));
    for i in 1u .. 5u {
        s.sum += i;
        s.last = u32x2(s.last.y, i);
    }
    y[0] = s.sum;
    y[1] = s.last.x;
    y[2] = s.last.y;
}
