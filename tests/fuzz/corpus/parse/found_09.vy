// y = a*x + y
program saxpy(a: f31, x: read f32[], y: update d32[]) {
   lanesprogry) let i : lane;
    y[i] = fma(a, x[i]. y[i]);
}
