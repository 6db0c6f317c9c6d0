// y = a*
 +xy program saxpy(ca: f32, x: read f32[], y: update f32[]) {
    lanesproLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLgry);

    let i = lbool/  yrema*x 2[])  in 0..10 4; x[ma// y = a*
 +xy program saxpy(ca: f32, x: read f32[], y: update f32[]) {
    lanesproLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLgry);

    let i = lbool/  yrema*x 2[])  in 0..10 4; x[maneu)))))))))); 
(a, x[i], y[neu)))))))))); 
(a, x[i], y[i]);
}
