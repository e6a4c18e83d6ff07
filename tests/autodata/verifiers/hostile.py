"""Programs that try to get out of the sandbox, to take the machine down, or to cheat; none may get its wish."""
# ruff: noqa: E501

MARK = "escaped-from-the-sandbox"
"""Every program that writes tries to leave a file of this name, and every one that reads an environment, this value."""

FILES = {
    "reads a file": "answer = len(open('/etc/passwd').read())",
    "writes a file": f"open('/tmp/{MARK}', 'w').write('x')\nanswer = 268.33",
    "reads a file through pathlib": "from pathlib import Path\nanswer = len(Path('/etc/passwd').read_text())",
    "writes a file through pathlib": f"from pathlib import Path\nPath('/tmp/{MARK}').write_text('x')\nanswer = 268.33",
    "lists a folder": "import os\nanswer = len(os.listdir('/'))",
    "lists a folder through pathlib": "from pathlib import Path\nanswer = len(list(Path('/').iterdir()))",
    "asks whether a file exists": "from pathlib import Path\nanswer = int(Path('/etc/passwd').exists()) * 268.33",
    "removes a file": "import os\nos.remove('/tmp/x')\nanswer = 268.33",
    "opens a file by its number": "answer = len(open(0).read())",
    "uses io": "import io\nanswer = len(io.open('/etc/passwd').read())",
    "reads its own memory": "answer = len(open('/proc/self/mem', 'rb').read(8))",
}
NETWORK = {
    "opens a socket": "import socket\nanswer = socket.socket().fileno()",
    "fetches a page": "import urllib.request\nanswer = urllib.request.urlopen('http://127.0.0.1').status",
    "uses http.client": "import http.client\nanswer = http.client.HTTPConnection('127.0.0.1').port",
    "uses asyncio": "import asyncio\nanswer = asyncio.run(asyncio.open_connection('127.0.0.1', 80))",
}
ENVIRONMENT = {
    "reads the environment": "import os\nanswer = os.environ['HOME']",
    "reads the environment by getenv": "import os\nanswer = len(os.getenv('AUTODATA_TEST_SECRET'))",
    "reads its arguments": "import sys\nanswer = len(sys.argv[0])",
    "asks for its process": "import os\nanswer = os.getpid()",
    "asks for the machine's name": "import platform\nanswer = len(platform.node())",
}
PROCESSES = {
    "starts a process": "import subprocess\nanswer = subprocess.run(['id']).returncode",
    "runs a shell": "import os\nanswer = os.system('id') + 268.33",
    "forks": "import os\nanswer = os.fork()",
    "forks without end": "import os\nwhile True:\n    os.fork()",
    "starts a thread": "import threading\nthreading.Thread(target=print).start()\nanswer = threading.active_count()",
    "kills its parent": "import os\nos.kill(os.getppid(), 9)\nanswer = 268.33",
    "exits": "import sys\nsys.exit(0)",
    "raises SystemExit": "raise SystemExit(0)",
    "raises KeyboardInterrupt": "raise KeyboardInterrupt",
    "loads a library": "import ctypes\nanswer = ctypes.CDLL(None).getpid()",
}
IMPORTS = {
    "imports by name": "answer = __import__('os').getpid()",
    "imports through importlib": "import importlib\nanswer = importlib.import_module('os').getpid()",
    "imports what is installed beside it": "import autodata.settings\nanswer = 268.33",
    "imports relatively": "from . import os\nanswer = 268.33",
    "imports pickle": "import pickle\nanswer = pickle.loads(b'cos\\nsystem\\n(S\"id\"\\ntR.')",
}
TIME = {
    "loops for ever": "while True:\n    pass",
    "loops in a comprehension": "answer = sum(1 for _ in range(10**12))",
    "sleeps": "import time\ntime.sleep(60)\nanswer = 1",
    "swallows what stops it": "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
    "recurses with memory": "def f(n):\n    return f(n - 1) + f(n - 2) if n > 1 else n\nanswer = f(80)",
    "bombs a regular expression": "import re\nanswer = int(bool(re.match('(a+)+$', 'a' * 40 + 'b')))",
    "bombs one with alternatives": "import re\nanswer = int(bool(re.match('(a|a|aa)+$', 'a' * 60 + 'b')))",
    "bombs one with a back reference": "import re\nanswer = len(re.findall(r'(.*)*\\1x', 'a' * 5000))",
    "searches a long text": "x = 'a' * 10**6\nanswer = sum((x * 3).count('a' * n + 'b') for n in range(1, 10**5))",
    "sorts for ever": "x = list(range(10**6))\nwhile True:\n    x.sort(key=lambda n: -n)",
}
MEMORY = {
    "takes all memory": "x = 'a' * 10**10\nanswer = 1",
    "takes all memory in bytes": "x = b'a' * 10**10\nanswer = 1",
    "takes all memory in a list": "x = [0] * 10**10\nanswer = 1",
    "grows a list": "x = []\nwhile True:\n    x.append(x * 2)",
    "doubles a text": "x = 'ab'\nwhile True:\n    x += x",
    "fills a dictionary": "x = {}\nn = 0\nwhile True:\n    x[n] = 'v' * 100 + str(n)\n    n += 1",
    "makes a large range a list": "answer = len(list(range(10**10)))",
    "pads a text": "answer = len('x'.rjust(10**10))",
    "pads in a format": 'answer = len(f"{1:>{10**10}}")',
    "joins without end": "answer = len(','.join('x' * 1000 for _ in range(10**8)))",
    "replaces without end": "answer = len(('a' * 10**6).replace('a', 'b' * 10**6))",
}
NUMBERS = {
    "computes a huge power": "answer = 9**9**9**9",
    "computes a huge power by pow": "answer = pow(7, 10**12)",
    "shifts far": "answer = 1 << 10**12",
    "squares again and again": "x = 3\nwhile True:\n    x = x * x",
    "writes a huge integer": "answer = len(str(10**10**7))",
    "computes a huge factorial": "import math\nanswer = math.factorial(10**8)",
    "is a huge integer": "answer = " + "9" * 15_000,
    "is no number": "answer = float('nan')",
    "is infinite": "answer = float('inf')",
}
DEPTH = {
    "recurses": "def f(n):\n    return f(n + 1)\nanswer = f(0)",
    "nests brackets": "answer = " + "(" * 9_000 + "1" + ")" * 9_000,
    "nests lists": "x = []\nfor _ in range(10**6):\n    x = [x]\nanswer = len(str(x))",
    "nests unary signs": "answer = " + "-" * 19_000 + "1",
    "contains itself": "x = []\nx.append(x)\nanswer = len(str(x)) if x == x else hash(str(x))\nraise ValueError(x)",
    "compares what contains itself": "x, y = [], []\nx.append(y)\ny.append(x)\nanswer = int(x == y) * 268.33",
}
OUTPUT = {
    "floods its output": "while True:\n    print('x' * 10000)",
    "floods its error": "raise ValueError('x' * 10**7)",
    "prints control characters": "print('\\x1b[2J\\x00' * 100)\nraise ValueError('\\x1b]0;owned\\x07')",
}
ESCAPES = {
    "walks the classes": "answer = ().__class__.__bases__[0].__subclasses__()",
    "walks the frames": "def f():\n    yield\nanswer = f().gi_frame.f_back.f_globals",
    "reads a function's globals": "def f(): pass\nanswer = len(f.__globals__)",
    "reads a function's code": "def f(): pass\nanswer = len(f.__code__.co_code)",
    "formats an attribute": "answer = '{0.__class__.__init__.__globals__}'.format(ValueError())",
    "evaluates text": "answer = eval('__import__(\"os\").getpid()')",
    "executes text": "exec('import os')\nanswer = os.getpid()",
    "compiles text": "answer = eval(compile('268.33', 'x', 'eval'))",
    "builds a type": "answer = type('X', (), {'__del__': lambda s: open('/tmp/x')})().__class__.__mro__",
    "replaces a builtin": "import builtins\nbuiltins.print = None\nanswer = builtins.__dict__",
    "reads the traceback": "try:\n    1 / 0\nexcept Exception as e:\n    answer = e.__traceback__.tb_frame.f_globals",
    "uses the collector": "import gc\nanswer = len(gc.get_objects())",
    "inspects the stack": "import inspect\nanswer = len(inspect.stack())",
}
CHEATS = {
    "defines its own equality": "class A:\n    def __eq__(self, other):\n        return True\nanswer = A()",
    "answers with a text": "answer = '268.33'",
    "answers with a truth": "answer = True",
    "is too long": "answer = 268.33\n" + "# padding\n" * 5000,
    "is no program": "\0\x01\ud7ff{{{",
}

HOSTILE = {
    name: program
    for kind in (
        FILES, NETWORK, ENVIRONMENT, PROCESSES, IMPORTS, TIME, MEMORY, NUMBERS, DEPTH, OUTPUT, ESCAPES, CHEATS
    )
    for name, program in kind.items()
}  # fmt: skip
