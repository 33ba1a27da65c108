#include "app/jobs/experiment/experiment.h"

namespace switchyard::jobs::experiment {

namespace {

// Kept beside the reader in parse_*.cpp: a test holds the two against each other key by key.
constexpr std::string_view kSchema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Switchyard experiment",
  "type": "object",
  "required": ["models"],
  "additionalProperties": false,
  "properties": {
    "title": {"type": "string", "description": "Of reports; default: the file's name"},
    "question": {"type": "string", "description": "What it is to answer"},
    "notes": {"type": "array", "items": {"type": "string"}, "description": "Paragraphs of reports"},
    "models": {
      "type": "object", "minProperties": 1,
      "description": "Checkpoint folders by name; one without a path is given with --model NAME=DIR",
      "additionalProperties": {"anyOf": [{"type": "string"}, {
        "type": "object", "additionalProperties": false,
        "properties": {"path": {"type": "string"}, "about": {"type": "string"}}}]}
    },
    "prompts": {
      "type": "object", "description": "Texts by name, as capture --prompts takes them",
      "additionalProperties": {"anyOf": [{"type": "string"}, {
        "type": "object", "required": ["path"], "additionalProperties": false,
        "properties": {
          "path": {"type": "string"},
          "only": {"type": "string", "description": "LABEL=VALUE"},
          "skip": {"type": "integer", "minimum": 0},
          "limit": {"type": "integer", "minimum": 0, "description": "0: all"}}}]}
    },
    "tasks": {
      "type": "object", "description": "Task files by name, as evaluate --tasks takes them",
      "additionalProperties": {"anyOf": [{"type": "string"}, {
        "type": "object", "required": ["path"], "additionalProperties": false,
        "properties": {
          "path": {"type": "string"},
          "only": {"type": "string", "description": "LABEL=VALUE"},
          "skip": {"type": "integer", "minimum": 0},
          "limit": {"type": "integer", "minimum": 0, "description": "0: all"},
          "scorer": {"type": "string", "description": "Of rows that name none, exact:after=A:"},
          "max-tokens": {"type": "integer", "minimum": 1, "default": 256}}}]}
    },
    "recipes": {
      "type": "array", "description": "Routings besides the model's own, which is always there as base",
      "items": {"anyOf": [{"type": "string", "description": "Path of a recipe"}, {
        "type": "object", "required": ["recipe"], "additionalProperties": false,
        "properties": {
          "name": {"type": "string"},
          "series": {"type": "string", "description": "The line of figures that it is on"},
          "each": {"$ref": "#/$defs/each"},
          "recipe": {"type": ["string", "object"], "description": "A path, or the recipe itself"}}}]}
    },
    "decoders": {
      "type": "array", "description": "Decoders besides plain decoding, which is always there as plain",
      "items": {"anyOf": [{"type": "string", "description": "NAME:OPTION=VALUE,..."}, {
        "type": "object", "required": ["decoder"], "additionalProperties": false,
        "properties": {
          "name": {"type": "string"},
          "series": {"type": "string"},
          "each": {"$ref": "#/$defs/each"},
          "decoder": {"type": "string"}}}]}
    },
    "seeds": {"type": "array", "minItems": 1, "uniqueItems": true, "default": [0],
              "items": {"type": "integer", "minimum": 0}},
    "capture": {
      "type": "object", "additionalProperties": false,
      "properties": {
        "prompts": {"$ref": "#/$defs/names"},
        "recipes": {"$ref": "#/$defs/names"},
        "decoders": {"$ref": "#/$defs/names"},
        "record": {"type": "string", "default": "ids,weights"},
        "generate": {"type": "integer", "minimum": 0, "default": 0},
        "context": {"type": "integer", "minimum": 1},
        "template": {"type": "boolean", "default": true},
        "temperature": {"type": "number"}, "top-k": {"type": "integer"}, "top-p": {"type": "number"},
        "min-p": {"type": "number"}, "repetition-penalty": {"type": "number"},
        "with": {"$ref": "#/$defs/plugins"},
        "by": {"type": "string", "description": "Label for plugins that compare labels"},
        "markers": {"type": "array", "items": {"type": "string"}},
        "machine": {"type": "object", "description": "Of simulators, as analyze --machine reads it"},
        "step-tokens": {"type": "integer", "minimum": 1, "default": 1},
        "compare": {
          "type": "object", "required": ["to"], "additionalProperties": false,
          "properties": {
            "with": {"$ref": "#/$defs/plugins"},
            "to": {"type": "object", "minProperties": 1, "additionalProperties": false,
                   "properties": {"model": {"type": "string"}, "recipe": {"type": "string"},
                                  "decoder": {"type": "string"}}}}}}
    },
    "evaluate": {
      "type": "object", "additionalProperties": false,
      "properties": {
        "tasks": {"$ref": "#/$defs/names"},
        "recipes": {"$ref": "#/$defs/names"},
        "decoders": {"$ref": "#/$defs/names"},
        "repeats": {"type": "integer", "minimum": 1, "default": 1},
        "template": {"type": "boolean", "default": true},
        "stop": {"type": "array", "items": {"type": "string"}},
        "temperature": {"type": "number"}, "top-k": {"type": "integer"}, "top-p": {"type": "number"},
        "min-p": {"type": "number"}, "repetition-penalty": {"type": "number"},
        "resamples": {"type": "integer", "minimum": 1, "default": 2000},
        "alpha": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.05}}
    },
    "steer": {
      "type": "object", "additionalProperties": false,
      "properties": {
        "tasks": {"type": "string"},
        "prompts": {"type": "string"},
        "identify": {"type": "integer", "minimum": 0, "default": 100},
        "markers": {"type": "array", "items": {"type": "string"}},
        "npmi": {"type": "object", "description": "Options of the npmi plugin"},
        "multipliers": {"type": "array", "items": {"type": "number"}, "default": [4, 16, 64, 256]},
        "where": {"enum": ["post-norm", "pre-norm", "logit"], "default": "post-norm"},
        "controls": {"type": "integer", "minimum": 1, "maximum": 100, "default": 3}}
    },
    "ablate": {
      "type": "object", "additionalProperties": false,
      "properties": {
        "prompts": {"type": "string"},
        "tasks": {"type": "string"},
        "experts": {"type": "string", "default": "top:20"},
        "mode": {"type": "string", "default": "zero"},
        "by": {"type": "string"},
        "markers": {"type": "array", "items": {"type": "string"}},
        "context": {"type": "integer", "minimum": 2}}
    }
  },
  "$defs": {
    "each": {
      "type": "object", "minProperties": 1,
      "description": "One entry for each combination; {NAME} stands for the value",
      "additionalProperties": {"type": "array", "minItems": 1,
                               "items": {"type": ["number", "string", "boolean"]}}
    },
    "names": {"type": "array", "items": {"type": "string"}, "description": "Default: all"},
    "plugins": {
      "type": "array",
      "items": {"anyOf": [{"type": "string"}, {
        "type": "object", "required": ["plugin"], "additionalProperties": false,
        "properties": {"plugin": {"type": "string"}, "options": {"type": "object"}}}]}
    }
  }
}
)";

} // namespace

std::string_view schema() {
  return kSchema;
}

} // namespace switchyard::jobs::experiment
