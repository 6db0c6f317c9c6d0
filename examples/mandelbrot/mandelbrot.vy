// The Mandelbrot set: how many steps until a point leaves the circle of
// radius 2, at most 256. No fma: every operation rounds once, as written.

program mandelbrot_f32(w: u32, h: u32, steps: write u32[w * h]) {
    lanes w, h;

    let cx = -2.0 + 3.0 * f32(lane.x) / f32(w);
    let cy = -1.5 + 3.0 * f32(lane.y) / f32(h);
    var zx = 0.0f;
    var zy = 0.0f;
    var k = 0u;
    while (k < 256 && zx * zx + zy * zy <= 4.0) {
        let t = (zx * zx - zy * zy) + cx;
        zy = 2.0 * zx * zy + cy;
        zx = t;
        k += 1;
    }
    steps[lane.y * w + lane.x] = k;
}

program mandelbrot_f64(w: u32, h: u32, steps: write u32[w * h]) {
    lanes w, h;

    let cx = -2.0 + 3.0 * f64(lane.x) / f64(w);
    let cy = -1.5 + 3.0 * f64(lane.y) / f64(h);
    var zx: f64 = 0.0;
    var zy: f64 = 0.0;
    var k = 0u;
    while (k < 256 && zx * zx + zy * zy <= 4.0) {
        let t = (zx * zx - zy * zy) + cx;
        zy = 2.0 * zx * zy + cy;
        zx = t;
        k += 1;
    }
    steps[lane.y * w + lane.x] = k;
}
