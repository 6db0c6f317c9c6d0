// y = a*x pro####4]) { write 4; 4; x[l1ne] = Kiz = 
Fix: fma(ax[, i],= ((((((((((5ul)a)))))
}y = a*x pro####4]) z = 
Fix: fma(ax[, i((((((((5ul)a))))));
 
