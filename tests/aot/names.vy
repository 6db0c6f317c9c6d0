// Names that C or C++ needs for something else, members that would be called
// alike, and elements with gaps and structs inside.
struct Point {
    x: f32;
    y: f32;
}
struct Mixed {
    flag: u8;
    at: Point;
    class: u16;
    wide: f64;
    half: f16;
}
program names(int: u32, class: i64, x: read f32x3[], x_count: u32,
              mixed: update Mixed[], on: bool, template: write bf16[int],
              more: read Mixed[]) {
    lanes len(mixed);

    let i = lane;
    if (on) {
        mixed[i].at.y = x[i].z + f32(x_count) + more[i].at.x;
        mixed[i].class = mixed[i].class + 1u;
        mixed[i].wide = f64(class) * 2.0d;
        mixed[i].half = mixed[i].half + 0.5f;
    }
    if (i < int) {
        template[i] = mixed[i].at.x;
    }
}
