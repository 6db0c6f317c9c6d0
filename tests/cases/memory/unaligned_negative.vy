//! in x: 1 2 3
//! out x: 0xbb 0xaa 3
//! out y: 0x02010000 0
//! bounds
// a negative byte offset: only the bytes inside count
program p(x: update u8[], y: write u32[2]) {
    lanes 1;

    let at: i64 = -2;
    y[0] = load_u32(x, at);
    y[1] = load_u16(x, i32(at));
    store_u32(x, at, 0xaabbccdd);
}
