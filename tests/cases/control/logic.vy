//! out y: 96 469 406 815
//! clean
// bool values: &, |, ^, !, ==, !=, &&, ||, ?: and select
program p(y: write u32[4]) {
    lanes 4;

    let a = lane / 2 == 1;
    let b = lane % 2 == 1;
    var r = u32(a & b);
    r = r * 2 + u32(a | b);
    r = r * 2 + u32(a ^ b);
    r = r * 2 + u32(!a);
    r = r * 2 + u32(a == b);
    r = r * 2 + u32(a != b);
    r = r * 2 + u32(a && b);
    r = r * 2 + u32(a || b);
    r = r * 2 + (a ? 1 : 0);
    r = r * 2 + select(b, 1u, 0u);
    y[lane] = r;
}
