"""Rotary embeddings of Hugging Face transformers, for tests/core/model/rope_test.cpp.

Documents how rope.json was made; the build does not run it.
    pip install transformers==5.23.0 torch==2.13.0 numpy==2.4.6
    python make.py
For each configuration and sequence length: cos and sin [positions, rotary pairs] as float32, from the
family's own rotary module, fresh for every length, position_ids = 0 .. length - 1.
"""
import copy
import json

import torch
from transformers import AutoConfig
from transformers.models.gpt_oss.modeling_gpt_oss import GptOssRotaryEmbedding
from transformers.models.glm4_moe.modeling_glm4_moe import Glm4MoeRotaryEmbedding
from transformers.models.mixtral.modeling_mixtral import MixtralRotaryEmbedding
from transformers.models.phimoe.modeling_phimoe import PhimoeRotaryEmbedding

torch.set_num_threads(1)
MODULES = {"mixtral": MixtralRotaryEmbedding, "glm4_moe": Glm4MoeRotaryEmbedding,
           "gpt_oss": GptOssRotaryEmbedding, "phimoe": PhimoeRotaryEmbedding}
SHORT = [1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0]
LONG = [1.0, 1.5, 2.5, 4.0, 8.0, 12.0, 20.0, 32.0]


def mixtral(**more):
    return {"model_type": "mixtral", "hidden_size": 64, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 256, **more}


def phimoe(**more):
    return {**mixtral(**more), "model_type": "phimoe"}


YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
PHI = {"type": "longrope", "short_factor": SHORT, "long_factor": LONG, "short_mscale": 1.1,
       "long_mscale": 1.3, "original_max_position_embeddings": 64}
CASES = [
    ("default", mixtral(rope_parameters={"rope_type": "default", "rope_theta": 10000.0}), [300]),
    ("default, old layout", mixtral(rope_theta=500000.0, rope_scaling=None), [300]),
    ("default theta of the family", mixtral(), [40]),
    ("linear", mixtral(rope_parameters={"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0}), [300]),
    ("linear, old layout", mixtral(rope_theta=10000.0, rope_scaling={"type": "linear", "factor": 2.5}), [300]),
    ("dynamic", mixtral(rope_theta=10000.0, max_position_embeddings=64,
                        rope_scaling={"type": "dynamic", "factor": 4.0}), [40, 64, 65, 128, 250]),
    ("yarn", mixtral(rope_parameters={**YARN, "rope_theta": 10000.0}), [256]),
    ("yarn, not truncated", mixtral(rope_parameters={**YARN, "truncate": False, "beta_fast": 16, "beta_slow": 2}), [256]),
    ("yarn, attention factor", mixtral(rope_theta=150000.0, rope_scaling={**YARN, "attention_factor": 0.75}), [256]),
    ("yarn, mscale", mixtral(rope_theta=10000.0, rope_scaling={**YARN, "mscale": 0.707, "mscale_all_dim": 0.5}), [256]),
    ("yarn, mscale 0", mixtral(rope_theta=10000.0, rope_scaling={**YARN, "mscale": 1.0, "mscale_all_dim": 0.0}), [256]),
    ("yarn, factor by ratio", mixtral(rope_theta=10000.0, rope_scaling={**YARN, "factor": None}), [256]),
    ("yarn of gpt_oss", {"model_type": "gpt_oss"}, [6000]),
    ("longrope", mixtral(rope_theta=10000.0, original_max_position_embeddings=64,
                         rope_scaling={"type": "longrope", "short_factor": SHORT, "long_factor": LONG}), [40, 64, 65, 200]),
    ("longrope, factor", mixtral(rope_parameters={"rope_type": "longrope", "rope_theta": 10000.0, "factor": 8.0,
                                                  "short_factor": SHORT, "long_factor": LONG,
                                                  "original_max_position_embeddings": 32}), [32, 100]),
    ("longrope, attention factor", mixtral(rope_parameters={"rope_type": "longrope", "rope_theta": 10000.0,
                                                            "attention_factor": 1.25, "short_factor": SHORT,
                                                            "long_factor": LONG,
                                                            "original_max_position_embeddings": 32}), [32, 100]),
    ("llama3", mixtral(head_dim=64, max_position_embeddings=1024,
                       rope_parameters={"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0,
                                        "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                        "original_max_position_embeddings": 256}), [1000]),
    ("partial", {**mixtral(rope_theta=10000.0), "model_type": "glm4_moe"}, [100]),
    ("partial, yarn", {**mixtral(), "model_type": "glm4_moe", "head_dim": 32,
                       "rope_parameters": {**YARN, "rope_theta": 10000.0, "partial_rotary_factor": 0.75}}, [256]),
    ("phimoe, default", phimoe(), [100]),
    ("phimoe, longrope", phimoe(rope_theta=10000.0, original_max_position_embeddings=64, rope_scaling=PHI),
     [40, 64, 65, 200]),
]

cases = []
for name, config, lengths in CASES:
    case = {"name": name, "config": config, "lengths": []}
    for length in lengths:
        given = copy.deepcopy(config)
        parsed = AutoConfig.for_model(given.pop("model_type"), **given)
        module = MODULES[config["model_type"]](parsed)
        cos, sin = module(torch.zeros(1, 1, dtype=torch.float32), torch.arange(length)[None])
        pairs = cos.shape[-1] if config["model_type"] == "gpt_oss" else cos.shape[-1] // 2
        positions = sorted({0, 1, 2, 7, length // 3, length // 2, length - 1})
        case["lengths"].append({
            "length": length, "positions": positions,
            "cos": [[float(v) for v in cos[0, p, :pairs]] for p in positions],
            "sin": [[float(v) for v in sin[0, p, :pairs]] for p in positions]})
    cases.append(case)
with open("rope.json", "w") as file:
    json.dump({"transformers": "5.23.0", "torch": "2.13.0", "cases": cases}, file, separators=(",", ":"))
