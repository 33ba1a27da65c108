// Forms built from option schemas, and the sample plugins driven through theirs.

#include <fstream>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

#include "app/studio/views/plugin_view.h"
#include "tests/studio/views/traces.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

std::vector<plugin::OptionSpec> schema(const char* properties) {
  const std::string text = std::string(R"({"type":"object","properties":)") + properties +
                           R"(,"additionalProperties":false})";
  auto specs = plugin::parseOptionSchema(nlohmann::json::parse(text), {});
  EXPECT_TRUE(specs) << (specs ? "" : specs.error().describe());
  return specs ? *specs : std::vector<plugin::OptionSpec>();
}

TEST(OptionForm, EachTypeHasItsField) {
  OptionForm form(schema(R"({
    "alpha": {"description": "d", "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.05, "unit": "share"},
    "capacities": {"description": "d", "type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 3, "default": []},
    "phase": {"description": "d", "type": "string", "enum": ["all", "generated"], "default": "all"},
    "seed": {"description": "d", "type": "integer", "minimum": 0, "maximum": 9223372036854775807, "default": 0},
    "top": {"description": "d", "type": "integer", "minimum": 1, "maximum": 4096, "default": 5, "unit": "experts", "title": "Experts listed"},
    "vocabulary": {"description": "d", "type": "boolean", "default": true}})"),
                  "sample");
  EXPECT_TRUE(form.isValid());
  EXPECT_TRUE(form.arguments().empty());
  auto* top = qobject_cast<QSpinBox*>(form.field("top"));
  ASSERT_TRUE(top);
  EXPECT_EQ(top->suffix(), QString(" experts"));
  EXPECT_EQ(top->minimum(), 1);
  EXPECT_EQ(top->maximum(), 4096);
  EXPECT_EQ(top->accessibleName(), QString("Experts listed"));
  auto* alpha = qobject_cast<QDoubleSpinBox*>(form.field("alpha"));
  ASSERT_TRUE(alpha);
  EXPECT_DOUBLE_EQ(alpha->value(), 0.05);
  auto* phase = qobject_cast<QComboBox*>(form.field("phase"));
  ASSERT_TRUE(phase);
  EXPECT_EQ(phase->count(), 2);
  ASSERT_TRUE(qobject_cast<QCheckBox*>(form.field("vocabulary")));
  auto* seed = qobject_cast<QLineEdit*>(form.field("seed")); // beyond a spin box
  ASSERT_TRUE(seed);
  auto* capacities = qobject_cast<QLineEdit*>(form.field("capacities"));
  ASSERT_TRUE(capacities);

  int changes = 0;
  QObject::connect(&form, &OptionForm::changed, [&] { ++changes; });
  capacities->setText("4,8,x");
  EXPECT_EQ(changes, 1);
  EXPECT_FALSE(form.isValid());
  EXPECT_TRUE(form.errorOf("capacities").contains("capacities"))
      << form.errorOf("capacities").toStdString();
  EXPECT_EQ(form.errorOf("top"), QString());
  capacities->setText("4,8");
  EXPECT_TRUE(form.isValid());
  alpha->setValue(0); // excluded end
  EXPECT_FALSE(form.isValid());
  alpha->setValue(0.1);
  phase->setCurrentText("generated");
  seed->setText("18446744073709551616");
  EXPECT_FALSE(form.isValid());
  seed->setText("7");
  EXPECT_TRUE(form.isValid());
  const plugin::OptionArguments expected = {
      {"alpha", "0.1"}, {"capacities", "4,8"}, {"phase", "generated"}, {"seed", "7"}};
  EXPECT_EQ(form.arguments(), expected);

  OptionForm other(
      schema(
          R"({"top": {"description": "d", "type": "integer", "minimum": 1, "maximum": 9, "default": 5}})"),
      "sample");
  other.setArguments({{"top", "7"}, {"nobody", "knows"}});
  EXPECT_EQ(other.arguments(), (plugin::OptionArguments{{"top", "7"}}));
}

TEST(OptionForm, RequiredOptionsDisableRunUntilTheyAreGiven) {
  const std::string text =
      R"({"type":"object","properties":{"markers":{"description":"d","type":"array","items":{"type":"string"},"minItems":1}},"required":["markers"],"additionalProperties":false})";
  auto specs = plugin::parseOptionSchema(nlohmann::json::parse(text), {});
  ASSERT_TRUE(specs);
  OptionForm form(*specs, "npmi");
  EXPECT_FALSE(form.isValid());
  qobject_cast<QLineEdit*>(form.field("markers"))->setText("eq:1:10");
  EXPECT_TRUE(form.isValid());
}

TEST(PluginView, ListsAllAnalyzersAndSimulatorsOfTheRegistry) {
  Workbench workbench(tests::builtPlugins());
  PluginView view(workbench, "results", "Results");
  const QStringList plugins = view.plugins();
  for (const char* name : {"load", "coactivation", "specialization", "npmi", "agreement",
                           "expert-cache", "sample-analyzer", "sample-simulator"})
    EXPECT_TRUE(plugins.contains(name)) << name;
  EXPECT_FALSE(plugins.contains("sample-router"));
  view.show();
  for (const QString& name : plugins) {
    view.setPlugin(name);
    ASSERT_TRUE(view.form()) << name.toStdString();
    EXPECT_FALSE(view.runButton()->isEnabled()); // no trace is open
  }
}

/// A new plugin appears with form, views and export without a change of the application.
TEST(PluginView, TheSamplePluginIsDrivenByItsForm) {
  Workbench workbench(tests::builtPlugins());
  PluginView view(workbench, "results", "Results");
  ASSERT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
  view.resize(900, 600);
  view.show();
  view.setPlugin("sample-analyzer");
  EXPECT_TRUE(view.stateText().startsWith("Not run yet"));
  auto* top = qobject_cast<QSpinBox*>(view.form()->field("top"));
  auto* phase = qobject_cast<QComboBox*>(view.form()->field("phase"));
  ASSERT_TRUE(top && phase);
  top->setValue(3);
  view.runButton()->click();
  ASSERT_TRUE(waitFor([&] { return view.analysis() != nullptr; }));
  EXPECT_EQ(view.stateText(), QString());
  const trace::AnalysisResult& result = view.analysis()->results.front();
  EXPECT_EQ(view.page()->parts().size(),
            static_cast<qsizetype>(result.tables.size() + result.figures.size()));
  EXPECT_TRUE(view.commandLine().contains("--with sample-analyzer --sample-analyzer.top 3"))
      << view.commandLine().toStdString();
  ASSERT_FALSE(result.headlines.empty());
  EXPECT_TRUE(view.page()->summaryText().contains(
      QString::fromStdString(result.headlines.front().title).toHtmlEscaped()));
  ASSERT_FALSE(result.tables.empty());
  ASSERT_TRUE(view.page()->showPart("table/" + QString::fromStdString(result.tables.front().name)));
  EXPECT_EQ(view.csv().count('\n'), static_cast<qsizetype>(result.tables.front().rows.size()) + 1);
  // It is in the library, and comes back without another run.
  const ItemKey listed = workbench.document().resultOf(
      workbench.document().current(ItemKind::Trace), "sample-analyzer");
  EXPECT_NE(listed, 0);
  EXPECT_EQ(workbench.document().undoStack().count(), 1); // opening the trace
  const auto jobs = workbench.jobs().jobs().size();
  view.setPlugin("load");
  view.setPlugin("sample-analyzer");
  EXPECT_EQ(workbench.jobs().jobs().size(), jobs);
  EXPECT_EQ(qobject_cast<QSpinBox*>(view.form()->field("top"))->value(), 3);
  // Another trace, other options, a simulator.
  view.setPlugin("expert-cache");
  view.runButton()->click();
  ASSERT_TRUE(
      waitFor([&] { return workbench.jobs().active() == 0 && !view.page()->parts().isEmpty(); }));
  EXPECT_EQ(view.stateText(), QString());
}

TEST(PluginView, InvalidOptionsDisableRunAndSayWhy) {
  Workbench workbench(tests::builtPlugins());
  PluginView view(workbench, "results", "Results");
  ASSERT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
  view.show();
  view.setPlugin("locality");
  EXPECT_TRUE(view.runButton()->isEnabled());
  auto* lags = qobject_cast<QLineEdit*>(view.form()->field("lags"));
  ASSERT_TRUE(lags);
  lags->setText("1,99");
  EXPECT_FALSE(view.runButton()->isEnabled());
  EXPECT_FALSE(view.form()->errorOf("lags").isEmpty());
  lags->setText("1,2");
  EXPECT_TRUE(view.runButton()->isEnabled());
  // A plugin that fails says so in its view.
  view.setPlugin("agreement"); // needs a reference trace
  view.runButton()->click();
  ASSERT_TRUE(waitFor([&] { return view.stateText().contains("could not be computed"); }));
}

TEST(MachineForm, TakesFilesFieldsAndTheModel) {
  const tests::TempFolder folder;
  const QString path = QString::fromStdString((folder / "m.json").string());
  std::ofstream(path.toStdString())
      << R"({"devices": 8, "devices_per_node": 4, "load_bandwidth": 6.4e10})";
  MachineForm form;
  int changes = 0;
  QObject::connect(&form, &MachineForm::changed, [&] { ++changes; });
  ASSERT_TRUE(form.openFile(path));
  EXPECT_GT(changes, 0);
  EXPECT_EQ(form.machine().devices, 8);
  EXPECT_EQ(form.machine().loadBandwidth, 6.4e10);
  qobject_cast<QLineEdit*>(form.fields()->field("flops"))->setText("9.9e14"); // beyond any spin box
  EXPECT_EQ(form.machine().flops, 9.9e14);
  qobject_cast<QLineEdit*>(form.fields()->field("flops"))->setText("fast");
  EXPECT_FALSE(form.isValid());
  EXPECT_FALSE(form.fields()->errorOf("flops").isEmpty());
  qobject_cast<QLineEdit*>(form.fields()->field("flops"))->clear();
  EXPECT_TRUE(form.isValid());
  // Another file: what it does not say is unknown again.
  std::ofstream(path.toStdString()) << R"({"expert_bytes": 1000})";
  ASSERT_TRUE(form.openFile(path));
  EXPECT_EQ(jobs::toJson(form.machine()), R"({"expert_bytes":1000.0})");
  std::ofstream(path.toStdString()) << R"({"wheels": 4})";
  EXPECT_FALSE(form.openFile(path));
  EXPECT_EQ(form.machine().expertBytes, 1000); // as before
  EXPECT_FALSE(form.takeFromModel());
  form.setModelFolder(SY_DATA "/demo-model");
  ASSERT_TRUE(form.takeFromModel());
  const auto config = model::readConfig(SY_DATA "/demo-model");
  ASSERT_TRUE(config);
  EXPECT_EQ(form.machine().hidden, config->hidden);
  EXPECT_EQ(form.machine().expertWidth, config->moe.width);
}

TEST(PluginView, SimulatorsPriceTheMachineOfTheForm) {
  Workbench workbench(tests::builtPlugins());
  PluginView view(workbench, "results", "Results");
  ASSERT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
  view.resize(900, 600);
  view.show();
  EXPECT_FALSE(view.machine()->isVisible()); // load is an analyzer
  view.setPlugin("sample-simulator");
  EXPECT_TRUE(view.machine()->isVisible());
  view.runButton()->click();
  ASSERT_TRUE(waitFor([&] { return view.stateText().contains("could not be computed"); }));
  EXPECT_TRUE(view.stateText().contains("expert_bytes"))
      << view.stateText().toStdString(); // says what it needs
  qobject_cast<QLineEdit*>(view.machine()->fields()->field("expert-bytes"))->setText("1e6");
  qobject_cast<QLineEdit*>(view.machine()->fields()->field("load-bandwidth"))->setText("2e9");
  view.machine()->setStepTokens(4);
  view.runButton()->click();
  ASSERT_TRUE(waitFor([&] { return view.analysis() != nullptr && view.stateText().isEmpty(); }));
  const trace::AnalysisResult& result = view.analysis()->results.front();
  const trace::Table& loads = result.tables.front();
  double stall = 0;
  for (const auto& row : loads.rows)
    stall += static_cast<double>(std::get<std::int64_t>(row[3])) * 1e6 / 2e9;
  EXPECT_NEAR(std::get<double>(result.headlines.front().value), stall, 1e-9 * stall);
  EXPECT_TRUE(view.commandLine().endsWith(
      R"( --machine '{"load_bandwidth":2000000000.0,"expert_bytes":1000000.0}' --step-tokens 4)"))
      << view.commandLine().toStdString();
  // Another machine is another result.
  const auto before = view.analysis();
  qobject_cast<QLineEdit*>(view.machine()->fields()->field("load-bandwidth"))->setText("4e9");
  view.runButton()->click();
  ASSERT_TRUE(waitFor([&] { return view.analysis() != before && workbench.jobs().active() == 0; }));
  EXPECT_NEAR(std::get<double>(view.analysis()->results.front().headlines.front().value), stall / 2,
              1e-9 * stall);
  // Another plugin in between, whose result is there, and back: the page is of the plugin that is
  // chosen.
  view.setPlugin("sample-analyzer");
  EXPECT_TRUE(view.page()->parts().isEmpty());
  view.setPlugin("sample-simulator");
  EXPECT_FALSE(view.page()->parts().isEmpty());
  PluginView again(workbench, "results", "Results");
  again.restoreState(view.saveState());
  EXPECT_EQ(again.machine()->machine().loadBandwidth, 4e9);
  EXPECT_EQ(again.machine()->stepTokens(), 4);
}

TEST(PluginView, StateComesBack) {
  Workbench workbench(tests::builtPlugins());
  PluginView first(workbench, "results", "Results");
  first.setPlugin("sample-analyzer");
  qobject_cast<QSpinBox*>(first.form()->field("top"))->setValue(9);
  PluginView second(workbench, "results", "Results");
  second.restoreState(first.saveState());
  EXPECT_EQ(second.plugin(), QString("sample-analyzer"));
  EXPECT_EQ(qobject_cast<QSpinBox*>(second.form()->field("top"))->value(), 9);
  second.restoreState("no json"); // a damaged session
}

} // namespace
} // namespace switchyard::studio
