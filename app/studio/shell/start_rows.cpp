#include "app/studio/shell/start_rows.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio::start {

namespace {

/// The labels of a row stand on a flat button, which takes the clicks.
class RowButton : public QPushButton {
public:
  explicit RowButton(const QString& name) {
    setObjectName("startRow");
    setAccessibleName(name);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  }
  QSize sizeHint() const override { return layout() ? layout()->sizeHint() : QSize(10, 10); }
  QSize minimumSizeHint() const override { return sizeHint(); }
};

void letClicksThrough(const QWidget& row) {
  const auto widgets = row.findChildren<QWidget*>();
  for (QWidget* widget : widgets)
    widget->setAttribute(Qt::WA_TransparentForMouseEvents);
}

QLabel* strong(const QString& text) {
  auto* label = new QLabel(text);
  label->setProperty("strong", true);
  return label;
}

QLabel* title(const QString& text) {
  QLabel* label = strong(text);
  label->setFont(Theme::instance().font(TextSize::Base));
  return label;
}

QLabel* note(const QString& text) {
  QLabel* label = muted(text);
  label->setProperty("note", true);
  return label;
}

} // namespace

QLabel* heading(const QString& text) {
  auto* label = new QLabel(text);
  label->setObjectName("startHeading");
  label->setFont(Theme::instance().font(TextSize::Control, TextWeight::Heading));
  return label;
}

QLabel* muted(const QString& text, bool wraps) {
  auto* label = new QLabel(text);
  label->setProperty("muted", true);
  label->setWordWrap(wraps);
  return label;
}

QFrame* line() {
  auto* line = new QFrame;
  line->setObjectName("startLine");
  line->setFixedHeight(1);
  return line;
}

QPushButton* link(const QString& text) {
  auto* button = new QPushButton(text);
  button->setProperty("flat", true);
  button->setFlat(true);
  button->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  return button;
}

QPushButton* openRow(const QString& name, const QString& detail, const QString& keys,
                     const char* image) {
  const Theme& theme = Theme::instance();
  auto* row = new RowButton(name);
  row->setAccessibleDescription(detail);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(theme.px(2), theme.px(4), theme.px(2), theme.px(4));
  layout->setSpacing(theme.px(12));
  auto* sign = new QLabel;
  sign->setPixmap(icon(image, Ink::Accent).pixmap(theme.px(18), theme.px(18)));
  layout->addWidget(sign, 0, Qt::AlignVCenter);
  auto* texts = new QVBoxLayout;
  texts->setSpacing(0);
  texts->addWidget(title(name));
  texts->addWidget(note(detail));
  layout->addLayout(texts, 1);
  layout->addWidget(muted(keys));
  letClicksThrough(*row);
  return row;
}

QPushButton* recentRow(const QString& name, const QString& folder) {
  const Theme& theme = Theme::instance();
  auto* row = new RowButton(name);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(theme.px(2), theme.px(2), theme.px(2), theme.px(2));
  layout->addWidget(strong(name));
  layout->addStretch(1);
  layout->addWidget(note(
      QFontMetrics(theme.font(TextSize::Note)).elidedText(folder, Qt::ElideMiddle, theme.px(220))));
  letClicksThrough(*row);
  return row;
}

QPushButton* exampleRow(const QString& name, const QString& detail, StartPicture picture) {
  const Theme& theme = Theme::instance();
  auto* row = new RowButton(name);
  row->setAccessibleDescription(detail);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(theme.px(2), theme.px(8), theme.px(2), theme.px(8));
  layout->setSpacing(theme.px(12));
  layout->addWidget(new StartPictureWidget(picture));
  auto* texts = new QVBoxLayout;
  texts->setSpacing(theme.px(2));
  texts->addWidget(title(name));
  texts->addWidget(muted(detail, true));
  texts->addStretch(1);
  layout->addLayout(texts, 1);
  letClicksThrough(*row);
  return row;
}

} // namespace switchyard::studio::start
