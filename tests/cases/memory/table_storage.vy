//! out f: 3 1 -4 0.5 4
//! out b: 3 1 -4 0.5 4
//! out i: -1 200 -300 60000
// tables of narrow types hold what they say
const F: f16[4] = {3, 1, -4, 0.5};
const B: bf16[4] = {3, 1, -4, 0.5};
const I: i8[2] = {-1, 100};
const W: i16[1] = {-300};
const U: u16[1] = {60000};

program p(f: write f32[5], b: write f32[5], i: write i32[4]) {
    lanes 5;

    f[lane] = F[lane % 4] + f32(lane / 4);
    b[lane] = B[lane % 4] + f32(lane / 4);
    if (lane == 0) {
        i[0] = I[0];
        i[1] = I[1] * 2;
        i[2] = W[0];
        i[3] = i32(U[lane]);
    }
}
