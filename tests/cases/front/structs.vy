//! out y: 5 5 24.75 5
//! clean
// structs by value, in functions, nested, changed field by field
struct Complex {
    re: f32;
    im: f32;
}

fn times(a: Complex, b: Complex) -> Complex {
    return Complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
}

program p(y: write f32[4]) {
    lanes 1;

    var z = Complex(1.0, 2.0);
    z = times(z, Complex(3.0, -1.0));
    y[0] = z.re;
    y[1] = z.im;
    z.im = 0.5;
    let w = times(z, z);
    y[2] = w.re;
    y[3] = w.im;
}
