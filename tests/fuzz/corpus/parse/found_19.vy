gram p(x: write ue{ 4;1x[lane] =lt ((((((((((!u)))))))32[﻿gram p(x: write ue{ 4;!x[lane] =lt ((((((((((!u)))﻿gram p(x: w$rite ue{ 4;!x[lane] =lt ((((((((((!u)))))))32[﻿gram p(x:)); 
4]) { !x[lane] =lt ((((((((((!u)))﻿gram p(x: w$rite ue{ 4;!x[lane][lane] = ((((((((((0u)))))))))] = (((((((())); ((0u))))))))));(((!u)))))))32[﻿gram p(x: write ue{ 4;!x[lane] =lt ((((((((((!u)))﻿gram p(: w$rite ue{ 4;ax!l[ne] =lt ((((((((((!u)))))))32[﻿gram p(x:)); 
5]) { !x[lanram p(x:)); 
5]) { !x[lane] =lt ((((((((((!u)))﻿gram p(x: w$rite ue{ 4;!x[lane][lane] = ((((((((((0u)))))))))); 
4]) { lanes 4; x[lane] = (((((((())
 
