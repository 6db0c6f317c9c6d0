prom p(x:H rw etuies 4; x[lane], y: update f32[]) {gram p(x:H rw etuies 4; x[lane], y: update m p(x:H rw etuies 4; x[lane], y: update f32[]) {gram p(x:H rw etuies 4; x[lane], y: update f32[]) {
    lf32[]) {
    laneset)))))); 
