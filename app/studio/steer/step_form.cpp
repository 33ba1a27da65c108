#include "app/studio/steer/step_form.h"

#include <algorithm>

#include <QLabel>
#include <QVBoxLayout>

#include "app/jobs/recipe_text.h"
#include "app/studio/steer/step_options.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kCommitMs = 400;

QLabel* wrapped(const char* property) {
  auto* label = new QLabel;
  label->setWordWrap(true);
  label->setProperty("note", true);
  if (property)
    label->setProperty(property, true);
  label->setContentsMargins(10, 4, 10, 4);
  return label;
}

/// Every option at its declared default, then what is given.
plugin::OptionArguments withDefaults(const std::vector<plugin::OptionSpec>& specs,
                                     const plugin::OptionArguments& given) {
  plugin::OptionArguments all;
  for (const plugin::OptionSpec& spec : specs) {
    std::string text;
    for (const plugin::OptionScalar& value :
         spec.defaults.value_or(std::vector<plugin::OptionScalar>()))
      text += (text.empty() ? "" : ",") + plugin::toText(value);
    all.emplace_back(spec.name, text);
  }
  all.insert(all.end(), given.begin(), given.end());
  return all;
}

/// A recipe may write an option at its default; the form does not give it, the recipe keeps it.
plugin::OptionArguments withWrittenDefaults(plugin::OptionArguments shown,
                                            const plugin::OptionArguments& written,
                                            const plugin::Manifest& manifest) {
  const plugin::OptionArguments defaults = withDefaults(manifest.options, {});
  for (const auto& argument : written) {
    const bool given = std::ranges::find(shown, argument.first, [](const auto& option) {
                         return option.first;
                       }) != shown.end();
    if (!given && std::ranges::find(defaults, argument) != defaults.end())
      shown.push_back(argument);
  }
  return shown;
}

} // namespace

StepForm::StepForm(RecipeSteps& steps, std::shared_ptr<plugin::Registry> registry, QWidget* parent)
    : QWidget(parent), m_steps(steps), m_registry(std::move(registry)),
      m_layout(new QVBoxLayout(this)), m_summary(wrapped("muted")), m_problem(wrapped(nullptr)) {
  m_layout->setContentsMargins(0, 0, 0, 0);
  m_layout->setSpacing(0);
  m_layout->addWidget(m_problem);
  m_layout->addWidget(m_summary);
  m_layout->addStretch(1);
  m_commit.setSingleShot(true);
  m_commit.setInterval(kCommitMs);
  connect(&m_commit, &QTimer::timeout, this, &StepForm::flush);
  connect(&m_steps, &RecipeSteps::recipeChanged, this, &StepForm::follow);
  connect(&m_steps, &QAbstractItemModel::dataChanged, this, &StepForm::showFindings);
  const auto applyTheme = [this] {
    m_problem->setStyleSheet(QString("color: %1").arg(Theme::instance().color(Ink::Error).name()));
  };
  connect(&Theme::instance(), &Theme::changed, this, applyTheme);
  applyTheme();
  rebuild();
}

void StepForm::showStep(int row) {
  if (row == m_row && m_fields)
    return;
  flush();
  m_row = row;
  rebuild();
}

bool StepForm::isValid() const {
  return (!m_options || m_options->isValid()) && (!m_scope || m_scope->isValid()) &&
         m_scopeProblem.isEmpty();
}

QString StepForm::problem() const {
  return m_problem->isHidden() ? QString() : m_problem->text();
}

void StepForm::rebuild() {
  m_commit.stop();
  m_edited = false;
  delete m_fields;
  m_fields = nullptr;
  m_options = m_scope = nullptr;
  m_scopeProblem.clear();
  m_plugin.clear();
  if (m_row >= 0 && m_row < m_steps.rowCount()) {
    const routing::RecipeStep& step = m_steps.recipe()->steps[static_cast<std::size_t>(m_row)];
    m_plugin = QString::fromStdString(step.plugin);
    if (const auto manifest = m_registry->find(step.plugin, plugin::Kind::Router)) {
      m_fields = new QWidget;
      auto* column = new QVBoxLayout(m_fields);
      column->setContentsMargins(0, 0, 0, 0);
      column->setSpacing(0);
      m_options = new OptionForm(manifest->options, QString::fromStdString(step.plugin));
      m_scope = new OptionForm(scopeSpecs(*manifest), tr("scope"));
      auto* where = new QLabel(tr("Where it acts"));
      where->setProperty("strong", true);
      where->setContentsMargins(10, 6, 10, 0);
      column->addWidget(m_options);
      column->addWidget(where);
      column->addWidget(m_scope);
      m_layout->insertWidget(0, m_fields);
      follow();
      for (OptionForm* form : {m_options, m_scope})
        connect(form, &OptionForm::changed, this, &StepForm::edited);
    }
  }
  showFindings();
  Q_EMIT validityChanged();
}

void StepForm::follow() {
  if (m_row >= m_steps.rowCount() || m_row < 0) {
    if (m_fields) {
      m_row = -1;
      rebuild();
    }
    return;
  }
  const routing::RecipeStep& step = m_steps.recipe()->steps[static_cast<std::size_t>(m_row)];
  if (m_plugin != QString::fromStdString(step.plugin)) {
    rebuild();
    return;
  }
  const auto manifest = m_registry->find(step.plugin, plugin::Kind::Router);
  if (!m_options || !manifest)
    return;
  // What is shown already stays as it was typed.
  const auto shown = optionsOf(m_options->arguments(), *manifest);
  const auto wanted = optionsOf(argumentsOf(step, *manifest), *manifest);
  m_filling = true;
  if (!shown || !wanted || *shown != *wanted)
    m_options->setArguments(withDefaults(manifest->options, argumentsOf(step, *manifest)));
  if (m_scope->arguments() != argumentsOf(step.scope))
    m_scope->setArguments(withDefaults(scopeSpecs(*manifest), argumentsOf(step.scope)));
  m_filling = false;
  m_edited = false;
  m_commit.stop();
  showFindings();
}

void StepForm::edited() {
  if (m_filling)
    return;
  const auto scope = scopeOf(m_scope->arguments());
  m_scopeProblem = scope ? QString() : QString::fromStdString(scope.error().message);
  showFindings();
  Q_EMIT validityChanged();
  m_edited = true;
  m_commit.start();
}

void StepForm::flush() {
  if (!m_edited)
    return;
  m_edited = false;
  m_commit.stop();
  if (!m_options || m_row < 0 || m_row >= m_steps.rowCount() || !isValid())
    return;
  routing::RecipeStep step = m_steps.recipe()->steps[static_cast<std::size_t>(m_row)];
  const auto manifest = m_registry->find(step.plugin, plugin::Kind::Router);
  if (!manifest || step.plugin != m_plugin.toStdString())
    return;
  const auto before = optionsOf(argumentsOf(step, *manifest), *manifest);
  const auto options = optionsOf(
      withWrittenDefaults(m_options->arguments(), argumentsOf(step, *manifest), *manifest),
      *manifest);
  auto scope = scopeOf(m_scope->arguments());
  if (!options || !scope)
    return;
  if (!before || *before != *options) {
    step.options = *options;
    step.scope.experts.clear();
  }
  // What the form does not show stays.
  if (!m_scope->field("experts"))
    scope->experts = step.scope.experts;
  if (argumentsOf(*scope) != argumentsOf(step.scope))
    step.scope = std::move(*scope);
  m_steps.replace(m_row, std::move(step));
}

void StepForm::showFindings() {
  QStringList problems;
  if (!m_scopeProblem.isEmpty())
    problems << m_scopeProblem;
  QString summary;
  if (m_row >= 0 && m_row < m_steps.rowCount()) {
    const routing::RecipeStep& step = m_steps.recipe()->steps[static_cast<std::size_t>(m_row)];
    problems << m_steps.findingsOf(m_row, jobs::RecipeLevel::Error);
    const auto resolved = jobs::resolveStep(step, *m_registry);
    if (resolved)
      summary = QString::fromStdString(jobs::describeStep(*resolved) + " " +
                                       jobs::describeScope(resolved->scope));
    else if (!m_fields)
      problems << QString::fromStdString(resolved.error().message);
    for (const QString& warning : m_steps.findingsOf(m_row, jobs::RecipeLevel::Warning))
      summary += "\n" + warning;
  }
  problems.removeDuplicates();
  m_problem->setText(problems.join('\n'));
  m_problem->setVisible(!problems.isEmpty());
  m_summary->setText(summary);
  m_summary->setVisible(!summary.isEmpty());
}

} // namespace switchyard::studio
