#include "app/studio/shell/export_view.h"

#include <QBuffer>
#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPdfWriter>
#include <QPicture>
#include <QSvgGenerator>

#include "app/studio/theme/theme.h"
#include "core/base/file.h"

namespace switchyard::studio {

namespace {

constexpr double kImageScale = 2; ///< pixels of a PNG per logical pixel

/// What the view paints, recorded so that other threads can replay it.
struct Recording {
  QPicture picture;
  QSize size;
  QColor ground;
};

std::optional<Recording> record(View& view) {
  Recording recording;
  recording.size = view.size().expandedTo({320, 200});
  recording.ground = Theme::instance().color(Ink::Canvas);
  QPainter painter(&recording.picture);
  painter.setFont(Theme::instance().font());
  const bool painted = view.paint(painter, QRectF(QPointF(), QSizeF(recording.size)));
  painter.end();
  if (!painted)
    return std::nullopt;
  return recording;
}

QImage toImage(const Recording& recording) {
  QImage image(recording.size * kImageScale, QImage::Format_RGB32);
  image.fill(recording.ground);
  QPainter painter(&image);
  painter.scale(kImageScale, kImageScale);
  QPicture picture = recording.picture;
  picture.play(&painter);
  painter.end();
  return image;
}

QByteArray encode(const Recording& recording, const QString& suffix) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  if (suffix == "png") {
    toImage(recording).save(&buffer, "PNG");
    return bytes;
  }
  QPicture picture = recording.picture;
  const QRect area(QPoint(), recording.size);
  if (suffix == "svg") {
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize(recording.size);
    svg.setViewBox(area);
    QPainter painter(&svg);
    painter.fillRect(area, recording.ground);
    picture.play(&painter);
    painter.end();
    return bytes;
  }
  QPdfWriter pdf(&buffer);
  pdf.setResolution(96);
  pdf.setPageSize(QPageSize(QSizeF(recording.size) * 72.0 / 96.0, QPageSize::Point));
  pdf.setPageMargins({});
  QPainter painter(&pdf);
  painter.fillRect(area, recording.ground);
  picture.play(&painter);
  painter.end();
  return bytes;
}

} // namespace

void exportView(Workbench& workbench, View& view, const QString& path) {
  const QString suffix = QFileInfo(path).suffix().toLower();
  Workbench* bench = &workbench;
  const auto refuse = [bench](const QString& text) {
    bench->report({Workbench::tr("The view could not be exported."), text, {}, {}, "export"});
  };
  if (suffix != "png" && suffix != "svg" && suffix != "pdf" && suffix != "csv") {
    refuse(Workbench::tr("Names have to end in .png, .svg, .pdf or .csv."));
    return;
  }
  const QByteArray csv = suffix == "csv" ? view.csv().toUtf8() : QByteArray();
  std::optional<Recording> recording = suffix == "csv" ? std::nullopt : record(view);
  if (csv.isEmpty() && !recording) {
    refuse(Workbench::tr("There is nothing in %1 to export yet.").arg(view.title()));
    return;
  }
  workbench.jobs().run<QString>(
      {Workbench::tr("Export %1").arg(QFileInfo(path).fileName())}, bench,
      [recording, csv, suffix, path](const JobContext&) -> base::Result<QString> {
        const QByteArray bytes = recording ? encode(*recording, suffix) : csv;
        SY_TRY(base::writeFileAtomically(
            path.toStdString(),
            std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size()))));
        return path;
      },
      [bench, refuse](base::Result<std::shared_ptr<const QString>> written) {
        if (written)
          bench->notify(Workbench::tr("Exported %1").arg(**written));
        else
          refuse(QString::fromStdString(written.error().describe()));
      });
}

std::optional<jobs::report::Picture> pictureOf(View& view) {
  const std::optional<Recording> recording = record(view);
  if (!recording)
    return std::nullopt;
  jobs::report::Picture picture;
  picture.title = view.title().toStdString();
  picture.svg = encode(*recording, "svg").toStdString();
  picture.width = recording->size.width();
  picture.height = recording->size.height();
  return picture;
}

void copyViewImage(Workbench& workbench, View& view) {
  const std::optional<Recording> recording = record(view);
  if (!recording) {
    workbench.notify(Workbench::tr("There is no figure to copy here."));
    return;
  }
  Workbench* bench = &workbench;
  workbench.jobs().run<QImage>(
      {Workbench::tr("Copy image")}, bench,
      [recording](const JobContext&) -> base::Result<QImage> { return toImage(*recording); },
      [bench](base::Result<std::shared_ptr<const QImage>> image) {
        if (!image)
          return;
        QGuiApplication::clipboard()->setImage(**image);
        bench->notify(Workbench::tr("Copied the image"));
      });
}

} // namespace switchyard::studio
