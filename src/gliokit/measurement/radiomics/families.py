"""Names and codes of IBSI 1's features: one line a feature, `ending code title`.

Source: Zwanenburg et al., Radiology 295 (2020) 328, doi:10.1148/radiol.2020191145, and the
    initiative's reference manual. The endings are those of its compliance sheets.
"""

from __future__ import annotations

__all__ = ["TABLES"]

_MORPHOLOGY = """
volume RNU0 Volume
vol_approx YEKZ Approximate volume
area_mesh C0JK Surface area
av 2PR5 Surface to volume ratio
comp_1 SKGS Compactness 1
comp_2 BQWJ Compactness 2
sph_dispr KRCK Spherical disproportion
sphericity QCFX Sphericity
asphericity 25C7 Asphericity
com KLMA Centre of mass shift
diam L0JK Maximum 3D diameter
pca_maj_axis TDIC Major axis length
pca_min_axis P9VJ Minor axis length
pca_least_axis 7J51 Least axis length
pca_elongation Q3CK Elongation
pca_flatness N17B Flatness
vol_dens_aabb PBX1 Volume density - axis-aligned bounding box
area_dens_aabb R59B Area density - axis-aligned bounding box
vol_dens_ombb ZH1A Volume density - oriented minimum bounding box
area_dens_ombb IQYR Area density - oriented minimum bounding box
vol_dens_aee 6BDE Volume density - approximate enclosing ellipsoid
area_dens_aee RDD2 Area density - approximate enclosing ellipsoid
vol_dens_mvee SWZ1 Volume density - minimum volume enclosing ellipsoid
area_dens_mvee BRI8 Area density - minimum volume enclosing ellipsoid
vol_dens_conv_hull R3ER Volume density - convex hull
area_dens_conv_hull 7T7F Area density - convex hull
integ_int 99N0 Integrated intensity
moran_i N365 Moran's I index
geary_c NPT7 Geary's C measure
"""

_LOCAL_INTENSITY = """
peak_loc VJGA Local intensity peak
peak_glob 0F91 Global intensity peak
"""

_STATISTICS = """
mean Q4LE Mean
var ECT3 Variance
skew KE2A Skewness
kurt IPH6 Kurtosis
median Y12H Median
min 1GSF Minimum
p10 QG58 10th percentile
p90 8DWT 90th percentile
max 84IY Maximum
iqr SALO Interquartile range
range 2OJQ Range
mad 4FUA Mean absolute deviation
rmad 1128 Robust mean absolute deviation
medad N72L Median absolute deviation
cov 7TET Coefficient of variation
qcod 9S40 Quartile coefficient of dispersion
energy N8CA Energy
rms 5ZWQ Root mean square
"""

_HISTOGRAM = """
mean X6K6 Mean
var CH89 Variance
skew 88K1 Skewness
kurt C3I7 Kurtosis
median WIFQ Median
min 1PR8 Minimum
p10 GPMT 10th percentile
p90 OZ0C 90th percentile
max 3NCY Maximum
mode AMMC Mode
iqr WR0O Interquartile range
range 5Z3W Range
mad D2ZX Mean absolute deviation
rmad WRZB Robust mean absolute deviation
medad 4RNL Median absolute deviation
cov CWYJ Coefficient of variation
qcod SLWD Quartile coefficient of dispersion
entropy TLU2 Entropy
uniformity BJ5W Uniformity
max_grad 12CE Maximum histogram gradient
max_grad_g 8E6O Maximum histogram gradient grey level
min_grad VQB3 Minimum histogram gradient
min_grad_g RHQZ Minimum histogram gradient grey level
"""

_INTENSITY_VOLUME = """
v10 NK6P Volume fraction at 10% intensity
v90 4279 Volume fraction at 90% intensity
i10 PWN1 Intensity at 10% volume
i90 BOHI Intensity at 90% volume
diff_v10_v90 WITY Difference in volume fraction between 10% and 90% intensity
diff_i10_i90 JXJA Difference in intensity between 10% and 90% volume
auc 9CMM Area under IVH curve
"""

_GLCM = """
joint_max GYBY Joint maximum
joint_avg 60VM Joint average
joint_var UR99 Joint variance
joint_entr TU9B Joint entropy
diff_avg TF7R Difference average
diff_var D3YU Difference variance
diff_entr NTRS Difference entropy
sum_avg ZGXS Sum average
sum_var OEEB Sum variance
sum_entr P6QZ Sum entropy
energy 8ZQL Angular second moment
contrast ACUI Contrast
dissimilarity 8S9J Dissimilarity
inv_diff IB1Z Inverse difference
inv_diff_norm NDRX Normalised inverse difference
inv_diff_mom WF0Z Inverse difference moment
inv_diff_mom_norm 1QCO Normalised inverse difference moment
inv_var E8JP Inverse variance
corr NI2N Correlation
auto_corr QWB0 Autocorrelation
clust_tend DG8W Cluster tendency
clust_shade 7NFM Cluster shade
clust_prom AE86 Cluster prominence
info_corr1 R8DG First measure of information correlation
info_corr2 JN9H Second measure of information correlation
"""

_GLRLM = """
sre 22OV Short runs emphasis
lre W4KF Long runs emphasis
lgre V3SW Low grey level run emphasis
hgre G3QZ High grey level run emphasis
srlge HTZT Short run low grey level emphasis
srhge GD3A Short run high grey level emphasis
lrlge IVPO Long run low grey level emphasis
lrhge 3KUM Long run high grey level emphasis
glnu R5YN Grey level non-uniformity
glnu_norm OVBL Normalised grey level non-uniformity
rlnu W92Y Run length non-uniformity
rlnu_norm IC23 Normalised run length non-uniformity
r_perc 9ZK5 Run percentage
gl_var 8CE5 Grey level variance
rl_var SXLW Run length variance
rl_entr HJ9O Run entropy
"""

_GLSZM = """
sze 5QRC Small zone emphasis
lze 48P8 Large zone emphasis
lgze XMSY Low grey level zone emphasis
hgze 5GN9 High grey level zone emphasis
szlge 5RAI Small zone low grey level emphasis
szhge HW1V Small zone high grey level emphasis
lzlge YH51 Large zone low grey level emphasis
lzhge J17V Large zone high grey level emphasis
glnu JNSA Grey level non-uniformity
glnu_norm Y1RO Normalised grey level non-uniformity
zsnu 4JP3 Zone size non-uniformity
zsnu_norm VB3A Normalised zone size non-uniformity
z_perc P30P Zone percentage
gl_var BYLV Grey level variance
zs_var 3NSA Zone size variance
zs_entr GU8N Zone size entropy
"""

_GLDZM = """
sde 0GBI Small distance emphasis
lde MB4I Large distance emphasis
lgze S1RA Low grey level zone emphasis
hgze K26C High grey level zone emphasis
sdlge RUVG Small distance low grey level emphasis
sdhge DKNJ Small distance high grey level emphasis
ldlge A7WM Large distance low grey level emphasis
ldhge KLTH Large distance high grey level emphasis
glnu VFT7 Grey level non-uniformity
glnu_norm 7HP3 Normalised grey level non-uniformity
zdnu V294 Zone distance non-uniformity
zdnu_norm IATH Normalised zone distance non-uniformity
z_perc VIWW Zone percentage
gl_var QK93 Grey level variance
zd_var 7WT1 Zone distance variance
zd_entr GBDU Zone distance entropy
"""

_NGTDM = """
coarseness QCDE Coarseness
contrast 65HE Contrast
busyness NQ30 Busyness
complexity HDEZ Complexity
strength 1X9X Strength
"""

_NGLDM = """
lde SODN Low dependence emphasis
hde IMOQ High dependence emphasis
lgce TL9H Low grey level count emphasis
hgce OAE7 High grey level count emphasis
ldlge EQ3F Low dependence low grey level emphasis
ldhge JA6D Low dependence high grey level emphasis
hdlge NBZI High dependence low grey level emphasis
hdhge 9QMG High dependence high grey level emphasis
glnu FP8K Grey level non-uniformity
glnu_norm 5SPA Normalised grey level non-uniformity
dcnu Z87G Dependence count non-uniformity
dcnu_norm OKJI Normalised dependence count non-uniformity
dc_perc 6XV8 Dependence count percentage
gl_var 1PFV Grey level variance
dc_var DNX2 Dependence count variance
dc_entr FCBV Dependence count entropy
dc_energy CAS9 Dependence count energy
"""

TABLES: dict[str, tuple[str, str]] = {
    "morphology": ("morph", _MORPHOLOGY),
    "local_intensity": ("loc", _LOCAL_INTENSITY),
    "statistics": ("stat", _STATISTICS),
    "histogram": ("ih", _HISTOGRAM),
    "intensity_volume": ("ivh", _INTENSITY_VOLUME),
    "glcm": ("cm", _GLCM),
    "glrlm": ("rlm", _GLRLM),
    "glszm": ("szm", _GLSZM),
    "gldzm": ("dzm", _GLDZM),
    "ngtdm": ("ngt", _NGTDM),
    "ngldm": ("ngl", _NGLDM),
}
"""By family: what its names begin with, and its lines."""
