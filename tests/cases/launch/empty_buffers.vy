//! in x:
//! in y:
//! out y:
//! out z:
//! out n: 0 0
// buffers of length zero
program p(x: read f32[], y: update u64[], z: write u8[len(x)],
          n: write u32[2]) {
    lanes len(x) + len(y);

    n[0] = 1;
}
