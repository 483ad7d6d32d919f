"""What many ask of the database at the same time, read for all of them by one statement."""

from cas_server.errors import Unavailable
from cas_server.kit.together import Answer, Question, Together


class Asked(Together[Question, Answer]):
    """Raises Unavailable for whoever has no answer in time."""

    async def ask(self, question: Question) -> Answer:
        try:
            return await super().ask(question)
        except TimeoutError as error:
            raise Unavailable("the database") from error
