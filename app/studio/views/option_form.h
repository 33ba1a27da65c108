#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "core/plugin/options.h"

class QFormLayout;
class QLabel;

namespace switchyard::studio {

/// A form for a plugin's declared options: enum -> combo box, integer and number -> spin box with
/// unit and range, boolean -> check box, text and lists -> line (values separated by commas). An
/// option that need not be given and has no default can be left empty. What is wrong is said below
/// its field in the error colour, in the words of the command line.
class OptionForm : public QWidget {
  Q_OBJECT
public:
  OptionForm(std::vector<plugin::OptionSpec> specs, const QString& owner,
             QWidget* parent = nullptr);

  /// Options that differ from their defaults, as a command line gives them.
  plugin::OptionArguments arguments() const;
  bool isValid() const { return m_valid; }
  /// Fills fields; unknown names are ignored.
  void setArguments(const plugin::OptionArguments& arguments);
  QWidget* field(const QString& option) const;  ///< null: no such option
  QString errorOf(const QString& option) const; ///< what stands below the field; empty: nothing

Q_SIGNALS:
  void changed();

private:
  struct Row {
    plugin::OptionSpec spec;
    QWidget* field = nullptr;
    QLabel* error = nullptr;
  };
  QWidget* makeField(const plugin::OptionSpec& spec);
  static QString textOf(const Row& row); ///< as the command line would have it; empty: not given
  static QString defaultText(const plugin::OptionSpec& spec);
  void validate();

  QString m_owner;
  std::vector<Row> m_rows;
  bool m_valid = true;
};

} // namespace switchyard::studio
