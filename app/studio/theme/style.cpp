#include "app/studio/theme/style.h"

#include <QHash>
#include <QPainter>
#include <QRegularExpression>
#include <QStyleOption>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

// @ink-name becomes a colour, @12px a size at the present UI scale.
constexpr const char* kSheet = R"(
QMainWindow, QDialog, QMenuBar, QStatusBar { background: @window; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QMenuBar { border: 0; padding: 0 @4px; font-size: @13px; }
QMenuBar::item { padding: @4px @8px; border-radius: @4px; background: transparent; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @panel; border: 1px solid @lineStrong; border-radius: @6px; padding: @4px 0; }
QMenu::item { padding: @4px @24px @4px @28px; min-height: @16px; }
QMenu::item:selected { background: @accentSoft; color: @textStrong; }
QMenu::item:disabled { color: @textDisabled; }
QMenu::separator { height: 1px; background: @line; margin: @4px @8px; }
QMenu::icon { padding-left: @8px; }
QMenu::indicator { left: @8px; width: @14px; height: @14px; }
QToolTip { background: @tooltip; color: @tooltipText; border: 1px solid @lineStrong; padding: @4px; font-size: @12px; }
QStatusBar { border-top: 1px solid @line; font-size: @12px; }
QStatusBar::item { border: 0; }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
  background: @control; border: 1px solid @controlLine; border-radius: @4px;
  padding: 0 @6px; min-height: @24px; font-size: @12px;
  selection-background-color: @accentFill; selection-color: @accentText; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
  border: 2px solid @focus; padding: 0 @5px; min-height: @22px; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
  color: @textDisabled; border-color: @line; }
QPlainTextEdit, QTextEdit { padding: @4px; }
QComboBox::drop-down { border: 0; width: @20px; }
QComboBox::down-arrow { image: url(@chevron); width: @12px; height: @12px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  subcontrol-origin: border; border: 0; background: transparent; width: @18px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @hover; }
QAbstractSpinBox::up-arrow { image: url(@up); width: @8px; height: @8px; }
QAbstractSpinBox::down-arrow { image: url(@chevron); width: @8px; height: @8px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @lineStrong; outline: 0;
  selection-background-color: @accentSoft; selection-color: @textStrong; }
QPushButton { background: @control; border: 1px solid @controlLine; border-radius: @4px;
  padding: 0 @10px; min-height: @24px; font-size: @12px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @raised; }
QPushButton:focus { border: 2px solid @focus; padding: 0 @9px; min-height: @22px; }
QPushButton:disabled { color: @textDisabled; border-color: @line; }
QPushButton:default, QPushButton[primary="true"] { background: @accentFill; color: @accentText; border-color: @accentFill; }
QPushButton:default:disabled, QPushButton[primary="true"]:disabled {
  background: @raised; color: @textDisabled; border-color: @line; }
QPushButton[primary="true"]:focus, QPushButton:default:focus { border-color: @focus; }
QPushButton[flat="true"] { background: transparent; border: 1px solid transparent; color: @accent; padding: 0 @2px; text-align: left; }
QPushButton[flat="true"]:focus { border: 2px solid @focus; padding: 0 @1px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: @4px;
  padding: @4px; font-size: @12px; }
QToolButton:hover { background: @hover; }
QToolButton:checked { background: @accentSoft; }
QToolButton:focus { border: 2px solid @focus; padding: @3px; }
QToolButton::menu-indicator { image: none; }
QCheckBox, QRadioButton { font-size: @12px; }
QCheckBox:focus, QRadioButton:focus { outline: 2px solid @focus; }
QTreeView, QTableView, QListView { background: @panel; border: 0; outline: 0; font-size: @12px;
  selection-background-color: @accentSoft; selection-color: @textStrong;
  alternate-background-color: @panel; gridline-color: @gridLine; }
QTreeView::item { height: @22px; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:open { image: url(@chevron); padding: @2px; }
QTreeView::branch:has-children:closed { image: url(@right); padding: @2px; }
QTreeView::item:hover, QListView::item:hover { background: @hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {
  background: @accentSoft; color: @textStrong; }
QTreeView:focus, QTableView:focus, QListView:focus { border: 2px solid @focus; }
QHeaderView { background: @panel; border: 0; }
QHeaderView::section { background: @panel; color: @textMuted; border: 0;
  border-bottom: 1px solid @line; padding: @2px @8px; font-size: @11px; }
QTableCornerButton::section { background: @panel; border: 0; }
QTabBar { background: @window; font-size: @12px; }
QTabWidget::pane { border: 0; border-top: 1px solid @line; }
QTabBar::tab { background: transparent; color: @textMuted; padding: 0 @12px; height: @29px;
  border: 0; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @textStrong; font-weight: 500; background: @panel; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @textStrong; background: @hover; }
QSplitter::handle { background: @line; }
QScrollArea { border: 0; background: transparent; }
QScrollBar { background: @panel; border: 0; }
QScrollBar:vertical { width: @10px; }
QScrollBar:horizontal { height: @10px; }
QScrollBar::handle { background: @lineStrong; border-radius: @4px; margin: @1px; }
QScrollBar::handle:vertical { min-height: @24px; }
QScrollBar::handle:horizontal { min-width: @24px; }
QScrollBar::handle:hover { background: @controlLine; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @raised; border: 0; border-radius: @3px; max-height: @6px; min-height: @6px; }
QProgressBar::chunk { background: @accent; border-radius: @3px; }
QLabel[muted="true"], #figureQuestion, #provenance { color: @textMuted; }
QLabel[strong="true"] { color: @textStrong; }
QLabel[note="true"], #figureQuestion, #provenance { font-size: @11px; }
#figureTitle { color: @textStrong; font-size: @12px; font-weight: 600; }
#controlRow, #figureHeader { background: @panel; border-bottom: 1px solid @line; }
#provenanceRow { background: @panel; border-top: 1px solid @line; }
#provenanceRow QPushButton { font-size: @11px; min-height: @18px; }
#dockTitle { background: @window; border-bottom: 1px solid @line; }
#dockTitle QLabel { font-size: @12px; }
#dockTitle QToolButton { padding: @2px; }
#dockBody { background: @panel; }
#startPage { background: @panel; }
#startHeading { color: @textMuted; }
#startLine { background: @line; border: 0; }
#startRow { background: transparent; border: 2px solid transparent; border-radius: @4px; padding: 0; text-align: left; min-height: 0; }
#startRow:hover { background: @hover; }
#startRow:focus { border: 2px solid @focus; }
#dropField { border: 1px dashed @controlLine; border-radius: @4px; color: @textMuted; }
#palette { background: @panel; border: 1px solid @lineStrong; border-radius: @6px; }
#paletteHead { border-bottom: 1px solid @line; }
#palette QListView { background: @panel; }
#paletteField, #paletteField:focus { background: transparent; border: 0; font-size: @15px; min-height: @30px; padding: 0 @6px; }
#paletteFoot { border-top: 1px solid @line; padding: @6px @12px; }
#paletteButton { text-align: left; padding: 0 @8px; }
#hint, #boostPopup { background: @raised; border: 1px solid @accent; border-radius: @6px; }
#hint QLabel { color: @textStrong; }
QPushButton[quiet="true"] { color: @textMuted; }
QStatusBar QPushButton, QStatusBar QPushButton:focus { min-height: @16px; }
QPushButton[alarm="true"] { color: @error; }
QToolBar { background: @window; border: 0; border-bottom: 1px solid @line; spacing: @6px; padding: 0 @8px; }
#edgeLeft { border-bottom: 0; border-right: 1px solid @line; padding: @6px 0; }
#edgeRight { border-bottom: 0; border-left: 1px solid @line; padding: @6px 0; }
QToolBar::separator { background: @line; width: 1px; margin: @2px @4px; }
#sessionName { padding-right: @8px; }
#problemStrip { background: @raised; border: 1px solid @line; border-left: 3px solid @error;
  border-radius: @4px; margin: @12px @12px 0 @12px; }
#problemStrip[offer="true"] { border-left: 3px solid @accent; }
#stateCard { background: @panel; border: 1px solid @line; border-radius: @6px; }
QGroupBox { font-size: @11px; font-weight: 600; border: 0; border-top: 1px solid @line; margin-top: @16px; padding-top: @8px; }
QGroupBox::title { subcontrol-origin: margin; color: @textMuted; }
)";

} // namespace

StudioStyle::StudioStyle() : QProxyStyle("Fusion") {}

int StudioStyle::pixelMetric(PixelMetric metric, const QStyleOption* option,
                             const QWidget* widget) const {
  const Theme& theme = Theme::instance();
  switch (metric) {
  case PM_SplitterWidth:
  case PM_DockWidgetSeparatorExtent:
    return 1;
  case PM_SmallIconSize:
  case PM_ButtonIconSize:
    return theme.px(14);
  case PM_ToolBarIconSize:
    return theme.px(16);
  case PM_TreeViewIndentation:
    return theme.px(12);
  case PM_LayoutHorizontalSpacing:
  case PM_LayoutVerticalSpacing:
    return theme.px(6);
  default:
    return QProxyStyle::pixelMetric(metric, option, widget);
  }
}

void StudioStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option,
                                QPainter* painter, const QWidget* widget) const {
  QProxyStyle::drawPrimitive(element, option, painter, widget);
  if (element != PE_IndicatorCheckBox)
    return;
  painter->save();
  painter->setPen(Theme::instance().color(Ink::ControlLine));
  painter->setBrush(Qt::NoBrush);
  painter->drawRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5));
  painter->restore();
}

int StudioStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                           QStyleHintReturn* data) const {
  switch (hint) {
  case SH_UnderlineShortcut:
    return 0;
  case SH_ToolTip_WakeUpDelay:
    return 300;
  case SH_ToolTip_FallAsleepDelay:
    return 1000;
  default:
    return QProxyStyle::styleHint(hint, option, widget, data);
  }
}

QString styleSheet(const Theme& theme) {
  QHash<QString, QString> values;
  for (int i = 0; i < kInks; ++i)
    values[name(static_cast<Ink>(i)).toString()] = theme.color(static_cast<Ink>(i)).name();
  values["tooltipText"] = themeTokens().dark.inks[static_cast<std::size_t>(Ink::TextStrong)].name();
  values["right"] = theme.isDark() ? ":/themes/right-dark.svg" : ":/themes/right-light.svg";
  values["up"] = theme.isDark() ? ":/themes/up-dark.svg" : ":/themes/up-light.svg";
  values["chevron"] = theme.isDark() ? ":/themes/chevron-dark.svg" : ":/themes/chevron-light.svg";
  static const QRegularExpression reference("@(?:(\\d+)px|([a-zA-Z]+))");
  const QString sheet = QString::fromLatin1(kSheet);
  QString filled;
  qsizetype end = 0;
  for (auto match = reference.globalMatch(sheet); match.hasNext();) {
    const QRegularExpressionMatch found = match.next();
    filled += QStringView(sheet).mid(end, found.capturedStart() - end);
    end = found.capturedEnd();
    if (found.hasCaptured(1) && !found.captured(1).isEmpty()) {
      filled += QString::number(theme.px(found.captured(1).toInt())) + "px";
      continue;
    }
    Q_ASSERT_X(values.contains(found.captured(2)), "style sheet", qPrintable(found.captured(2)));
    filled += values.value(found.captured(2));
  }
  filled += QStringView(sheet).mid(end);
  return filled;
}

} // namespace switchyard::studio
