"""Networks from outside, converted once to models that run without torch.

In: an nnU-Net v2 model folder or a MONAI bundle. Out: a model folder.
"""
