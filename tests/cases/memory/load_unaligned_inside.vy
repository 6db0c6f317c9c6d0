//! in x: 0 1 0 0 0 0 0 0 0
//! out y: 1
//! clean
// unaligned loads that stay inside
program p(x: read u8[], y: write u64[1]) {
    lanes 1;

    y[0] = load_u64(x, 1) + u64(load_u32(x, 3)) + u64(load_u16(x, 7));
}
