proe ues 4; (((1rit; ((((program p(x: write u32[4]) { l0)32[4])anes 4; ax[laneu)))))))nes 4; x[l)));ane
