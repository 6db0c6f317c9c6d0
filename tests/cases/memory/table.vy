//! in x: 3 0 2 1
//! out y: 1000 1 100 10
//! out z: 97 97 255 98
//! out w: -0.5 0.5 0.5 -0.5
//! clean
// tables of constants
const WEIGHTS: u32[4] = {1, 10, 100, 1000};
const NAMES: u8[3] = {0x61, 0x62, 255};
const HALVES: f32[2] = {0.5, -0.5};

program p(x: read u32[], y: write u32[len(x)], z: write u32[len(x)],
          w: write f32[len(x)]) {
    lanes len(x);

    y[lane] = WEIGHTS[x[lane]];
    z[lane] = NAMES[x[lane] % 3];
    w[lane] = HALVES[x[lane] & 1];
}
