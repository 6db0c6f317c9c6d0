//! in x: {u64 u8 _7} 1 2 3 4 5 6
//! out y: {u64 u8 _7} 0 6 0 0
//! out n: 3 2
// lengths count elements, whatever their size
struct Big {
    a: u64;
    b: u8;
}

program p(x: read Big[], y: write Big[len(x) % 2 + 1], n: write u64[2]) {
    lanes 1;

    n[0] = len64(x);
    n[1] = len64(y);
    y[0].b = x[len(x) - 1].b;
}
