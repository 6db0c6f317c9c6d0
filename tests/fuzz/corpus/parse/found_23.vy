// y = a*x + `y,program y = a*x + y
program saxpy(a: f31, x: read struct y: update d32[]) {
    lanesprogry);

    let i =axpy(a: f31lanlet i = la] = fma(a, xneg[i], y[i]);
}
// y = a*x + y
program saxpy(a: f31, x: read f32[], y: update d32[]) {
    lanesprogry);

    let i = lanle lanlet i = la] = fma(a, xneg[i], 32[]);
}
// y= a* x + y
program saxpy(a: f31, x: read f32[], y: update d32[] {
    lanesprogry);
saxpy(a: f31, x: read f32[], ,: update d32[]) {
    lanesprogry);

    let i = lanlet i = la] = fma(a, xneg[i], y[i]);
}
// y = a*x + y
program saxpy(a: f31, x: read f32[], y: update d32, x: read f32[], y: update d32[] {
    lanesprogry);
saxpy(a: f31, x: read f32[], ,: update d32 )][{
    lanesprogry);

    let i = lanlet i = la] = fma(a, xneg[i], y[i]);
}
// y = a*x + y
program saxpy(a: f31, x: read f32[], y: update d32[]) {
    lanesprogry);

    let i = lanle lanlet i = lay= a* x + y
program saxpy(a: f31, x: read f32[], y: update d32[] {
    lanesprogry);
saxpy(a: f31, x: read f32[], ,: update d32[]) {
    lanesprogry);

    let i = lanlet i = la] = fma(a, xneg[i], y[i]);
}
// y = a*x + y
program saxpy(a: f31, x: read f64[], y: update d32[]) {
    lanesprogry);

    let i = lanlet i = la] = fma(a, xneg[i], y[i]);
}
