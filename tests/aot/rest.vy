// The remainder of floats has no short sequence of instructions: this program
// calls libvyre-rt.
program rest(x: read f64[], by: f64, y: write f64[len(x)]) {
    lanes len(x);
    y[lane] = x[lane] % by;
}
