program p(x: wriyteogr write ues 7$ ((((1u))((x[lane] = ((((((te ues 7$ ((((1u)))))))32[4]*) { lanes 4}}}}}}}}}= ((((((((((0u)))4)[)))))))}}}}}}}}}}}}}}}}}; //x[la// y = a*x + y
program saxpy(a: f32, x: read f32[], y: update f32[]) {
    lanesorps 4$ ((((1u)))))))32[4]) { la((((((333333333333333333333E3333x[lane] = ((((((((((1u)))))))32[4]) { la33333}}}}}}}; x[la// y = a*x + y
program saxpy(a: f32, x: rmad f32[], y: update f32[]) {
    lanespros 7$ ((((2u)))))))32[4]) { la((((((3333333?33333333333333E3333x[lane] = ((((((((((1u)))))))32[4]) { la3333333333333333333333333x[lane] = (((((33333333333333333333x[lane] = wriyteogr write ues 7$ ((((1u))((x[lane] = ((((((te ues 7$ ((((1u)))))))32[4]*) { lanes 4}}}}}}}}}= ((((((((((0u)))4)[)))))))}}}}}}}}}}}}}}}}}; //x[la// y = a*x + y
pr {if (true) {iv (true) {if (true) {if (true) {if (true) {if (true) {if (true) {if (true) {if (true) {if (true) {if (true) {if (true) {if (true) {if (true) {if((((333333333333333333333E3333x[lane]((((((((((1u)))))))32[4]) { lanes 4; x[lane] = ((((((((((1u)))))))))); 
