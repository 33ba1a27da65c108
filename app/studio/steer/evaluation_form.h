#pragma once

#include <QWidget>

class QLineEdit;
class QSpinBox;

namespace switchyard::studio {

/// What is evaluated.
struct EvaluationSettings {
  QString tasks; ///< JSONL file
  QString scorer = "exact:after=A:";
  QString only;    ///< LABEL=VALUE
  int limit = 200; ///< problems; 0: all
};

/// The fields of what is evaluated, in a row.
class EvaluationForm : public QWidget {
  Q_OBJECT
public:
  explicit EvaluationForm(QWidget* parent = nullptr);
  EvaluationSettings settings() const;
  void setSettings(const EvaluationSettings& settings);

Q_SIGNALS:
  void changed();

private:
  void browse();

  QLineEdit* m_tasks;
  QLineEdit* m_scorer;
  QLineEdit* m_only;
  QSpinBox* m_limit;
};

} // namespace switchyard::studio
