//! out y: -9000000000 -8999999999
//! out z: 0.1 0.1
//! clean
// constants keep their defaults
const N: u32 = 2;
const BIG: i64 = -9000000000;
const T: f64 = 0.1;

program p(y: write i64[N], z: write f64[N]) {
    lanes N;

    y[lane] = BIG + i64(lane);
    z[lane] = T;
}
