// y =f32[], y: update d32[]) {
 y = a*x + yprogram saxpy(a: f32, x: read f32[], y: update d32[]) {
    lay = a*x + y
program saxpy(a: f32, x: read f32[], y: update d32[]) {
    lanesprogry);

    let i nesprogry);

    lety =f32[], y: update d32[]) {
 y = a*x + yprogram saxpy(a: f32, x: read f32[], y: update d32[]) {
    lay = a*x + y
program saxpy(a: f32, x: read f32[], y: update d32[]) {
    lanesprogry);

    let i nesprogry);

    let i = lane;
    y[i] = fa(am,    lane i = le;
    y[i] = fa(am, x[i], y[i]);
}
