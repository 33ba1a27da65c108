#include "app/studio/report/render_report.h"

#include <algorithm>
#include <functional>

#include <QBuffer>
#include <QDir>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <QSvgRenderer>

#include "app/studio/report/figure_drawing.h"
#include "app/studio/report/report_pages.h"
#include "app/studio/report/stable_pdf.h"
#include "app/studio/theme/theme.h"
#include "core/base/file.h"
#include "core/base/version.h"

namespace switchyard::studio {

namespace {

using base::Result;

constexpr int kPdfResolution = 1200;
constexpr double kDotsPerInch = 96;                    ///< of a logical pixel
constexpr double kPagePixels = 1.5, kFigurePixels = 2; ///< of a PNG per logical pixel
constexpr double kFigureWidth = 900, kFigureMargin = 14;

Result<void> write(const QString& path, const QByteArray& bytes) {
  return base::writeFileAtomically(
      path.toStdString(),
      std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

Result<void> makeFolder(const QString& path) {
  if (!QDir().mkpath(path))
    return base::fail(base::ErrorCode::Io, "this folder could not be made",
                      {.file = path.toStdString()});
  return {};
}

QByteArray pngOf(const QImage& image) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  image.save(&buffer, "PNG");
  return bytes;
}

/// Sheets of `size` logical pixels as one PDF.
QByteArray pdfOf(const QSizeF& size, const QString& title, int pages,
                 const std::function<void(QPainter&, int)>& paint) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  {
    QPdfWriter pdf(&buffer);
    pdf.setTitle(title);
    pdf.setCreator(QString("switchyard %1")
                       .arg(QString::fromUtf8(base::version().data(),
                                              static_cast<qsizetype>(base::version().size()))));
    pdf.setResolution(kPdfResolution);
    pdf.setPageMargins({});
    pdf.setPageSize(
        QPageSize(size * 72 / kDotsPerInch, QPageSize::Point, {}, QPageSize::ExactMatch));
    QPainter painter(&pdf);
    painter.scale(kPdfResolution / kDotsPerInch, kPdfResolution / kDotsPerInch);
    for (int page = 0; page < pages; ++page) {
      if (page > 0)
        pdf.newPage();
      painter.save();
      paint(painter, page);
      painter.restore();
    }
  }
  return stablePdf(bytes);
}

QByteArray svgOf(const QSizeF& size, const QString& title,
                 const std::function<void(QPainter&, int)>& paint) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QSvgGenerator svg;
  svg.setOutputDevice(&buffer);
  svg.setTitle(title);
  svg.setSize(size.toSize());
  svg.setViewBox(QRectF(QPointF(), size));
  QPainter painter(&svg);
  paint(painter, 0);
  painter.end();
  return bytes;
}

QImage imageOf(const QSizeF& size, double scale, const std::function<void(QPainter&, int)>& paint,
               int page = 0) {
  QImage image((size * scale).toSize(), QImage::Format_RGB32);
  image.fill(Theme::instance().color(Ink::Canvas));
  QPainter painter(&image);
  painter.scale(scale, scale);
  paint(painter, page);
  return image;
}

/// "load", "load_map" to "01-load-map": nothing of it leads out of the folder.
QString fileName(int number, const std::string& plugin, const std::string& figure,
                 const QString& format) {
  QString name =
      QString::fromStdString(figure.starts_with(plugin) ? figure : plugin + "-" + figure);
  for (QChar& c : name)
    if (!(c.isDigit() || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) || c.unicode() > 0x7f)
      c = '-';
  return QString("%1-%2.%3").arg(number, 2, 10, QChar('0')).arg(name.left(80), format);
}

/// One drawing as a file's bytes.
QByteArray encoded(const QSizeF& inner, const QString& title, const QString& format,
                   const std::function<void(QPainter&, PaintTarget)>& draw) {
  const QSizeF size = inner + QSizeF(2 * kFigureMargin, 2 * kFigureMargin);
  const auto paint = [&](QPainter& painter, int) {
    painter.fillRect(QRectF(QPointF(), size), Theme::instance().color(Ink::Canvas));
    painter.translate(kFigureMargin, kFigureMargin);
    draw(painter, format == "png" ? PaintTarget::Screen : PaintTarget::Vector);
  };
  return format == "png"   ? pngOf(imageOf(size, kFigurePixels, paint))
         : format == "svg" ? svgOf(size, title, paint)
                           : pdfOf(size, title, 1, paint);
}

Result<void> writeFigures(const jobs::report::Document& document, const RenderRequest& request,
                          QStringList& files) {
  SY_TRY(makeFolder(request.figures));
  int number = 0;
  const auto put = [&](const std::string& plugin, const std::string& name,
                       const QByteArray& bytes) -> Result<void> {
    files << request.figures + "/" + fileName(++number, plugin, name, request.figureFormat);
    return write(files.back(), bytes);
  };
  for (const jobs::report::Part& part : document.parts) {
    for (const jobs::report::Picture& picture : part.pictures) {
      QSvgRenderer renderer(QByteArray::fromStdString(picture.svg));
      const QSizeF size(picture.width, picture.height);
      SY_TRY(put("window", picture.title,
                 encoded(size, drawable(picture.title), request.figureFormat,
                         [&](QPainter& painter, PaintTarget) {
                           renderer.render(&painter, QRectF(QPointF(), size));
                         })));
    }
    for (const auto& [plugin, result] : part.results)
      for (const trace::Figure& figure : result.figures) {
        FigureDrawing drawing(figure, kFigureWidth);
        SY_TRY(put(plugin, figure.name,
                   encoded(drawing.size(), drawing.title(), request.figureFormat,
                           [&](QPainter& painter, PaintTarget target) {
                             drawing.paint(painter, target);
                           })));
      }
  }
  return {};
}

} // namespace

Result<RenderedFiles> renderReport(const jobs::report::Description& description,
                                   const RenderRequest& request) {
  if (request.figureFormat != "png" && request.figureFormat != "svg" &&
      request.figureFormat != "pdf")
    return base::fail(base::ErrorCode::InvalidArgument, "figures are written as png, svg or pdf");
  RenderedFiles rendered;
  QStringList& files = rendered.files;
  if (!request.pdf.isEmpty() || !request.pages.isEmpty()) {
    const ReportPages pages(description, reportPage(request.letter),
                            static_cast<std::size_t>(std::max(0, request.rows)));
    rendered.pages = pages.count();
    const QSizeF paper = pages.size().paper;
    if (!request.pdf.isEmpty()) {
      SY_TRY(write(request.pdf, pdfOf(paper, drawable(description.document.title), pages.count(),
                                      [&](QPainter& painter, int page) {
                                        pages.paint(painter, page, PaintTarget::Vector);
                                      })));
      files << request.pdf;
    }
    if (!request.pages.isEmpty()) {
      SY_TRY(makeFolder(request.pages));
      for (int page = 0; page < (request.mostPages > 0 ? std::min(request.mostPages, pages.count())
                                                       : pages.count());
           ++page) {
        files << QString("%1/page-%2.png").arg(request.pages).arg(page + 1, 3, 10, QChar('0'));
        const QImage image = imageOf(
            paper, kPagePixels,
            [&](QPainter& painter, int which) { pages.paint(painter, which, PaintTarget::Screen); },
            page);
        SY_TRY(write(files.back(), pngOf(image)));
      }
    }
  }
  if (!request.figures.isEmpty())
    SY_TRY(writeFigures(description.document, request, files));
  return rendered;
}

} // namespace switchyard::studio
