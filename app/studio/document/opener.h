#pragma once

#include <functional>

#include <QObject>

#include "app/studio/document/document.h"
#include "app/studio/jobs/job_runner.h"

namespace switchyard::studio {

/// What a path is taken for, from its name and whether it is a folder; content decides later.
enum class FileKind { Model, Trace, Recipe, PromptSet, Result, Session };
FileKind guessKind(const QString& path);

/// Reads a file or folder into an item without a key, on any thread. Reads facts only: no weights,
/// no rows of a trace. Errors: those of the reader of that kind; InvalidArgument for Session.
base::Result<Item> readItem(FileKind kind, const QString& path);

/// Opens things into a document through jobs. GUI thread.
class Opener : public QObject {
  Q_OBJECT
public:
  Opener(Document& document, JobRunner& jobs, QObject* parent = nullptr);

  /// Starts reading `path` (as what it looks like, or as `kind`); opened() or failed() follows. A
  /// path that is open already becomes the current one of its kind.
  void open(const QString& path);
  void open(const QString& path, FileKind kind);
  /// Opens a file that does not become the current one of its kind, unless there is none.
  void openBeside(const QString& path);
  /// Loads weights and tokenizer of a model item unless that is done or under way; `then` is called
  /// on the GUI thread once they are there (not after an error: failed() says that).
  void loadModel(ItemKey key, QObject* receiver,
                 std::function<void(std::shared_ptr<const LoadedModel>)> then);

Q_SIGNALS:
  void opened(int key, const QString& path);
  void failed(const QString& path, const switchyard::base::Error& error);

private:
  void read(const QString& path, FileKind kind, bool makeCurrent);
  void attachWeights(ItemKey key, const std::shared_ptr<const LoadedModel>& loaded);

  struct Waiting {
    ItemKey key;
    bool hasReceiver;
    QPointer<QObject> receiver;
    std::function<void(std::shared_ptr<const LoadedModel>)> then;
  };
  Document& m_document;
  JobRunner& m_jobs;
  std::vector<Waiting> m_waiting;
};

} // namespace switchyard::studio
