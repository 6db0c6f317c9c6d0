program 333333333333333333333333333333333333333333333,333333333333333333333333333333p)s2[4])))))))32[4])anes 4;// y = a*x + y
program y = a*x + y
program saxpy(a: f31, x: read f32[], y: update d32[]) {
    lanesprogry);

    let i =axpy(a: f31, x: read y[i]);
}
// y = a*x + y
program saxpy(a: f31, x: re4;// y = a*x + y
program y = a*x + y
program saxpy(a: f31, x: read f32[], y: update d32[]) {
    lanesprogry);

    let i =axpy(a: f31, x: read f32[], y: update d32[] x[la {
    lanesprogry);
saxpy(a: f31, x: read f32[], ,: update d32[]) {
    lanesprogry);

    let i = lanlet i = la] = fma(a, xneg[i], y[i]);
}
// y = a*x + y
program saxpy(a: f31, x: read f32[], y: update d32[]) {
    lanesprogry);

    let i = l read f32[], )); 
