program p(x: write ues 4; ((((1u)))))))32[4]1fffffffffffffffffffffffffff;ffffffffffff)anes pr4; x[lane] = (((((/*ogram p(x: write 																	ues 4; ((((1u)))))))32[4]) { l4; xne] = (((((((x[la = ((((((((((1u))))) { lanes 4; x[lane] = (((((((x[lane] = ((((((((((1u)))))))16[4]) {ò lanes 4))32[4]) { lanes 4; x[lane] = (((((((((1u))))))))));(((1u)))))))))
); 
/*