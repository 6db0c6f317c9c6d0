// y = a*x + y
program saxp[], y: update d32[]) {
anes 4; x[laen ( ]=((((((((x[lane] = ((((((((((2u)))))))32[4]) { lan (se; x[lane]prog<<<<<<<<<<<<<<<<<<<<<<d f32[], @ylet i = : updatelane;)
    y[i]  f32[]) {
    lane= fma(a, x[i], s le, yne] = ((((((((((2u)))))))32[4]) { lan (se; x[lane]prog<<<<<<<<<<<<[i]);
}
y[i]);
}
