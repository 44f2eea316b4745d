"""What the methods of a run cite."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SOURCES"]

SOURCES: Mapping[str, str] = {
    "auc": "Hanley JA, McNeil BJ. The meaning and use of the area under a receiver operating "
    "characteristic (ROC) curve. Radiology 1982;143:29-36. doi:10.1148/radiology.143.1.7063747",
    "several": "Hand DJ, Till RJ. A simple generalisation of the area under the ROC curve for "
    "multiple class classification problems. Mach Learn 2001;45:171-186. "
    "doi:10.1023/A:1010920819831",
    "folds": "Bengio Y, Grandvalet Y. No unbiased estimator of the variance of K-fold "
    "cross-validation. J Mach Learn Res 2004;5:1089-1105",
    "combat": "Johnson WE, Li C, Rabinovic A. Adjusting batch effects in microarray expression "
    "data using empirical Bayes methods. Biostatistics 2007;8:118-127. "
    "doi:10.1093/biostatistics/kxj037",
    "weights": "Rubin DB. The Bayesian bootstrap. Ann Stat 1981;9:130-134. "
    "doi:10.1214/aos/1176345338",
    "bootstrap": "Efron B. Bootstrap methods: another look at the jackknife. Ann Stat "
    "1979;7:1-26. doi:10.1214/aos/1176344552",
    "wilson": "Wilson EB. Probable inference, the law of succession, and statistical inference. "
    "J Am Stat Assoc 1927;22:209-212. doi:10.1080/01621459.1927.10502953",
    "precision": "Davis J, Goadrich M. The relationship between precision-recall and ROC curves. "
    "ICML 2006:233-240. doi:10.1145/1143844.1143874",
    "brier": "Brier GW. Verification of forecasts expressed in terms of probability. Mon Weather "
    "Rev 1950;78:1-3",
    "cox": "Cox DR. Two further applications of a model for binary regression. Biometrika "
    "1958;45:562-565. doi:10.1093/biomet/45.3-4.562",
    "calibration": "Van Calster B, et al. Calibration: the Achilles heel of predictive analytics. "
    "BMC Med 2019;17:230. doi:10.1186/s12916-019-1466-7",
    "decision": "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating "
    "prediction models. Med Decis Making 2006;26:565-574. doi:10.1177/0272989X06295361",
    "harrell": "Harrell FE, et al. Evaluating the yield of medical tests. JAMA "
    "1982;247:2543-2546. doi:10.1001/jama.1982.03320430047030",
    "kaplan": "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am "
    "Stat Assoc 1958;53:457-481. doi:10.1080/01621459.1958.10501452",
    "logrank": "Mantel N. Evaluation of survival data and two new rank order statistics arising "
    "in its consideration. Cancer Chemother Rep 1966;50:163-170",
    "dice": "Dice LR. Measures of the amount of ecologic association between species. Ecology "
    "1945;26:297-302. doi:10.2307/1932409",
    "hausdorff": "Huttenlocher DP, Klanderman GA, Rucklidge WJ. Comparing images using the "
    "Hausdorff distance. IEEE Trans Pattern Anal Mach Intell 1993;15:850-863. "
    "doi:10.1109/34.232073",
    "surface": "Nikolov S, et al. Clinically applicable segmentation of head and neck anatomy for "
    "radiotherapy: deep learning algorithm development and validation study. J Med Internet Res "
    "2021;23:e26151. doi:10.2196/26151",
    "froc": "Bunch PC, et al. A free response approach to the measurement and characterization of "
    "radiographic observer performance. Proc SPIE 1977;127:124-135. doi:10.1117/12.955926",
    "tripod": "Collins GS, et al. TRIPOD+AI statement: updated guidance for reporting clinical "
    "prediction models that use regression or machine learning methods. BMJ 2024;385:e078378. "
    "doi:10.1136/bmj-2023-078378",
    "claim": "Tejani AS, et al. Checklist for Artificial Intelligence in Medical Imaging (CLAIM): "
    "2024 update. Radiol Artif Intell 2024;6:e240300. doi:10.1148/ryai.240300",
}
