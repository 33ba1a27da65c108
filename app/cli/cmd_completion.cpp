#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "app/cli/verb.h"

namespace switchyard::cli {

namespace {

/// One case arm per command path: the words that may follow it, and whether a command has to.
void appendCases(const CLI::App& app, const std::string& path, std::string& script) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    words += sub->get_name() + " ";
  for (const CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    for (const std::string& name : option->get_lnames())
      words += "--" + name + " ";
  }
  if (!words.empty())
    words.pop_back();
  script += fmt::format("    \"{}\") words=\"{}\"{} ;;\n", path, words,
                        app.get_require_subcommand_min() > 0 ? " group=1" : "");
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    appendCases(*sub, path + " " + sub->get_name(), script);
}

/// "generate|capture|...": every name of a subcommand at any depth.
void appendNames(const CLI::App& app, std::string& names) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    names += (names.empty() ? "" : "|") + sub->get_name();
    appendNames(*sub, names);
  }
}

std::string bashScript(const CLI::App& app) {
  std::string cases;
  appendCases(app, app.get_name(), cases);
  std::string names;
  appendNames(app, names);
  return fmt::format(R"(# bash completion for switchyard
_switchyard() {{
  local path="switchyard" words="" group="" word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="${{COMP_WORDS[index]}}"
    case "$word" in
      {0}) path="$path $word" ;;
      *) [[ "$word" == -* ]] || break ;;
    esac
  done
  case "$path" in
{1}  esac
  local current="${{COMP_WORDS[COMP_CWORD]}}"
  if [[ "$current" == -* || -n "$group" ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _switchyard switchyard
)",
                     names, cases);
}

} // namespace

void addCompletion(VerbSet& verbs) {
  CLI::App* verb = verbs.add("completion", "Print a shell completion script",
                             "  source <(switchyard completion bash)\n"
                             "  switchyard completion bash > "
                             "~/.local/share/bash-completion/completions/switchyard");
  auto shell = std::make_shared<std::string>();
  verb->add_option("shell", *shell, "The shell: bash")->required()->check(CLI::IsMember({"bash"}));
  CLI::App* root = &verbs.app();
  verbs.body(verb, [root, shell](const Run&) -> base::Result<int> {
    fmt::print("{}", bashScript(*root));
    return kOk;
  });
}

} // namespace switchyard::cli
