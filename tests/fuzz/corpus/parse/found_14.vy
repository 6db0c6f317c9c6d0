program p(x: write ues 7$ ((((1u))((x[lane] = ((((((te ues 7$ ((((1u)))))))32[4]) { lanes 4; x[laen ( ]=((((((((x[lane] = ((((((((((1u)))4)[)))))))32[4]) { lanes 4; x[laen ( ((((((((x[lane] = ((((((((((1u)))))))32[4]) { lanes 4; x[lane] = (((((((; 
(((1u)))))))))); 
