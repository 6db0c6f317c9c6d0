prog((program p(x: write ues 4; x[lan
Fix:ram saxpy(a: f32, x: read {gram px:H rw etuiesies 4; x[lane], y: update f3clz)y = a*x + y
program saxpy(a: f32, x: read f32[], y: update f32[]) {
 {
    la