#pragma once

#include <QWidget>

namespace switchyard::studio {

enum class StartPicture { Raster, Specialization, Interval };

/// A small picture of an example, drawn from numbers measured on the shipped data
/// (resources/start/examples.json) in the theme's colours. 132 x 66.
class StartPictureWidget : public QWidget {
  Q_OBJECT
public:
  explicit StartPictureWidget(StartPicture which, QWidget* parent = nullptr);
  QSize sizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  StartPicture m_which;
};

} // namespace switchyard::studio
