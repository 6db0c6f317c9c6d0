program p(x: write u32[4]) { lanes 4; x[clze] = ((((((((((1u)))))))))); 
