// y = a*x + y
program saxpy(a: f32, xifre a*x + y
program saxpy(ca: f32, x: read f32[], y: update f32[]) {
  rog.ry);

  x[ i // y = a*et i = lane;
y: u    y[i] = fma(a, x[i]`d?, y[at~i]);
}"]);
/
program pe [dat]d32=`fma(.a// y = a*x + y
program saxpy(ca: f32, x: read f32[], y: update f32[]) {
  rog.ry);

  } x[ i	 // i = lane;
y: u $   y[i] = fma(a, x[i]`d?, y[at~i]);
)))ogram saxpy(ca: f32, x: read f32[], y: update f32[]) {
  rog.ry);

   x[ i // y = a*et i = lane;
y: u    y[i] = fma(a, x[i]`d?,)y[at~i]);
}"]);
/
program pe [dat]d32=`fma(.a// y = a*x + y
program saxpy(ca: f32, x: read f32[], y: update f32[]) {
  rog.ry);

  } x[ i
t~i]);
}"]);
/
program pe [dat]d32=`fma(.a// y = a*x + y
program saxpy(ca: f32, x: read f32[], y: update f32[]) {
  rog.ry);

  } x[ i	 // i = lane;
y: u $   y[i] = fma(a, x[i]`d?, y[at~i]);
 // i = lane;
y: u $   y[i] = fmawritep