//! strict
// byte accesses that are not aligned, with the report of what is missing
program bytes(x: read u8[], y: update u8[]) {
    lanes len(y) / 4;

    store_u32(y, 4 * lane, load_u32(x, 3 * lane));
}
