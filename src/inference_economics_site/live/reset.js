// Forgets what a reader changed in a notebook: the browser then shows the book's version again.

const promised = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const forget = async (database, name) => {
  const open = await promised(indexedDB.open(database));
  for (const store of open.objectStoreNames)
    await promised(open.transaction(store, "readwrite").objectStore(store).delete(name));
  open.close();
};

export const reset = async (name, button) => {
  for (const { name: database } of await indexedDB.databases())
    if (database.startsWith("JupyterLite Storage")) await forget(database, name);
  button.textContent = "It is the book’s version again";
};
