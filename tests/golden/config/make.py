"""Default configurations of Hugging Face transformers, for tests/core/model/config_test.cpp.

Documents how defaults.json was made; the build does not run it.
    pip install transformers==5.23.0 torch==2.13.0
    python make.py
For each family: the keys that its class has no default for ("given"), and everything the class says
when given only those ("full").
"""
import json

from transformers import AutoConfig

FAMILIES = ["deepseek_v2", "deepseek_v3", "dots1", "ernie4_5_moe", "flex_olmo", "glm4_moe", "gpt_oss",
            "granitemoe", "mixtral", "olmoe", "phimoe", "qwen2_moe", "qwen3_moe"]
GIVEN = {"deepseek_v2": {"num_experts_per_tok": 6},
         "dots1": {"num_experts_per_tok": 6, "n_routed_experts": 64, "n_shared_experts": 2}}

result = {}
for family in FAMILIES:
    given = GIVEN.get(family, {})
    full = AutoConfig.for_model(family, **given).to_dict()
    result[family] = {"given": {"model_type": family, **given}, "full": full}
with open("defaults.json", "w") as file:
    json.dump({"transformers": "5.23.0", "families": result}, file, indent=1, sort_keys=True)
