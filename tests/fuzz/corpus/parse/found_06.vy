program p(x: write u32[4]) { lanes write u32[4]) { lanes 4; x[lana. x[i], y[i)))))); 
