program p(x: write u32[4]) { lanes 4; x[lane] = ((((((((((1u)))))))))); 
