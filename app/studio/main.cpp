#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include <QCommandLineParser>
#include <QHashSeed>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSettings>
#include <QTemporaryDir>

#include "app/studio/report/render_report.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/screenshots.h"
#include "app/studio/shell/translations.h"
#include "app/studio/shell/watchdog.h"
#include "app/studio/theme/theme.h"
#include "core/base/version.h"

namespace switchyard::studio {

namespace {

constexpr const char* kExamples =
    "\nExamples:\n"
    "  switchyard-studio                          start page: examples are one click away\n"
    "  switchyard-studio data/demo-model          a model, live\n"
    "  switchyard-studio demo-out/demo.swy        a trace; sessions, recipes and prompt sets, too\n"
    "  switchyard-studio --screenshots pictures   a PNG of every view, light and dark\n";

/// --help and --version work without a display.
int printAndLeave(const QString& text) {
  std::fputs(qPrintable(text), stdout);
  return 0;
}

void addOptions(QCommandLineParser& parser) {
  parser.setApplicationDescription(
      "Watches where a mixture-of-experts model sends its tokens, and changes it.");
  parser.addPositionalArgument(
      "file", "Models (folders), traces, sessions, recipes, prompt sets to open", "[FILE...]");
  parser.addOption({{"h", "help"}, "Shows this help."});
  parser.addOption({{"v", "version"}, "Shows the version."});
  parser.addOption({"screenshots",
                    "Writes PNGs of every view, and of errors, into DIR, light and dark, in two "
                    "sizes, and ends.",
                    "DIR"});
  parser.addOption(
      {"session", "The session that --screenshots shows; default: the examples.", "FILE"});
  // What `switchyard report` asks for: a description on standard input, {"files": [...]} on output.
  for (QCommandLineOption hidden :
       {QCommandLineOption("render-report"), QCommandLineOption("pdf", {}, "FILE"),
        QCommandLineOption("pages", {}, "DIR"), QCommandLineOption("figures", {}, "DIR"),
        QCommandLineOption("figure-format", {}, "FORMAT", "png"),
        QCommandLineOption("paper", {}, "PAPER", "a4"), QCommandLineOption("rows", {}, "N", "50"),
        QCommandLineOption("most-pages", {}, "N", "0")}) {
    hidden.setFlags(QCommandLineOption::HiddenFromHelp);
    parser.addOption(hidden);
  }
  parser.addOption({"demo", "Opens the demo model, the sample trace and one to compare it with."});
  parser.addOption({"no-plugins", "Uses only the plugins that are part of Switchyard."});
}

std::shared_ptr<plugin::Registry> scanPlugins(bool onlyOwn) {
  plugin::RegistryOptions options;
  if (onlyOwn)
    std::erase_if(options.folders, [](const plugin::PluginFolder& folder) {
      return folder.origin != "installed" && folder.origin != "build tree";
    });
  return plugin::Registry::scan(options);
}

int takeScreenshots(MainWindow& window, const QCommandLineParser& parser) {
  const base::Result<int> taken =
      writeScreenshots(window, parser.value("screenshots"), parser.value("session"));
  if (!taken) {
    std::fprintf(stderr, "switchyard-studio: %s\n", taken.error().describe().c_str());
    return 1;
  }
  std::fprintf(stderr, "%d pictures in %s\n", *taken, qPrintable(parser.value("screenshots")));
  return 0;
}

int renderFromInput(const QCommandLineParser& parser) {
  const auto complain = [](const base::Error& error) {
    std::fprintf(stderr, "switchyard-studio: %s\n", error.describe().c_str());
    return 1;
  };
  const std::string input((std::istreambuf_iterator<char>(std::cin)),
                          std::istreambuf_iterator<char>());
  const auto description = jobs::report::parseDescription(input, {.file = "standard input"});
  if (!description)
    return complain(description.error());
  qApp->setProperty("plainGlyphs", true);
  Theme::instance().setChoice(ThemeChoice::Light); // paper
  const auto files = renderReport(*description, {.pdf = parser.value("pdf"),
                                                 .pages = parser.value("pages"),
                                                 .figures = parser.value("figures"),
                                                 .figureFormat = parser.value("figure-format"),
                                                 .letter = parser.value("paper") == "letter",
                                                 .mostPages = parser.value("most-pages").toInt(),
                                                 .rows = parser.value("rows").toInt()});
  if (!files)
    return complain(files.error());
  const QJsonObject answer{{"files", QJsonArray::fromStringList(files->files)},
                           {"pages", files->pages}};
  std::fputs(QJsonDocument(answer).toJson(QJsonDocument::Compact).constData(), stdout);
  return 0;
}

int run(int argc, char** argv) {
  QStringList arguments;
  for (int i = 0; i < argc; ++i)
    arguments << QString::fromLocal8Bit(argv[i]);
  const std::string version(base::version());
  QCommandLineParser parser;
  addOptions(parser);
  const bool understood = parser.parse(arguments);
  if (understood && parser.isSet("version"))
    return printAndLeave(QString("switchyard-studio %1\n").arg(version.c_str()));
  if (!understood) {
    std::fprintf(stderr, "switchyard-studio: %s\nTry 'switchyard-studio --help'.\n",
                 qPrintable(parser.errorText()));
    return 2;
  }
  const bool pictures = parser.isSet("screenshots");
  const bool renders = parser.isSet("render-report");
  const bool noDisplay =
      qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
  if (renders) {
    qputenv("QT_QPA_PLATFORM", "offscreen"); // the same fonts and bytes with and without a display
    QHashSeed::setDeterministicGlobalSeed();
  } else if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM") &&
             (pictures || (noDisplay && parser.isSet("help"))))
    qputenv("QT_QPA_PLATFORM", "offscreen");
  else if (noDisplay && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
    std::fputs("switchyard-studio: there is no display; set DISPLAY or WAYLAND_DISPLAY. The "
               "switchyard command does the same without one.\n",
               stderr);
    return 1;
  }
  StudioApplication application(argc, argv);
  QApplication::setApplicationName("switchyard-studio");
  QApplication::setOrganizationName("switchyard");
  QApplication::setApplicationVersion(version.c_str());
  QApplication::setDesktopFileName("switchyard-studio");
  if (parser.isSet("help"))
    return printAndLeave(parser.helpText() + kExamples);
  installTranslations();
  QTemporaryDir apart;
  if (pictures || renders) { // nothing of the user's is read or written
    for (const char* place : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"})
      qputenv(place, apart.path().toLocal8Bit());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, apart.path());
  }
  Theme::instance();
  if (renders)
    return renderFromInput(parser);
  Workbench workbench(scanPlugins(parser.isSet("no-plugins")));
  MainWindow window(workbench);
  if (pictures)
    return takeScreenshots(window, parser);
  window.settings().loadTheme();
  window.show();
  window.keepWorkSafe();
  for (const QString& path : parser.positionalArguments())
    workbench.openFile(path);
  if (parser.isSet("demo"))
    window.openDemo();
  return QApplication::exec();
}

} // namespace
} // namespace switchyard::studio

int main(int argc, char** argv) {
  return switchyard::studio::run(argc, argv);
}
