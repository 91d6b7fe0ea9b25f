"""English phrase rules. Text is folded first: lower case, straight apostrophes, no accents."""

from __future__ import annotations

# A pace at which people follow with ease, in words per minute.
PACE_WPM = (110, 175)
# Words that say nothing about what was talked about (five letters or more).
COMMON = frozenset(
    [
        "about",
        "above",
        "actually",
        "after",
        "again",
        "always",
        "another",
        "anything",
        "around",
        "because",
        "before",
        "being",
        "below",
        "between",
        "calling",
        "could",
        "doing",
        "every",
        "everyone",
        "everything",
        "first",
        "going",
        "great",
        "hello",
        "honestly",
        "maybe",
        "might",
        "minute",
        "moment",
        "months",
        "never",
        "nobody",
        "nothing",
        "okay",
        "other",
        "people",
        "please",
        "pretty",
        "quite",
        "really",
        "right",
        "shall",
        "should",
        "since",
        "someone",
        "something",
        "sorry",
        "sound",
        "sounds",
        "still",
        "thank",
        "thanks",
        "their",
        "there",
        "these",
        "thing",
        "things",
        "think",
        "those",
        "today",
        "together",
        "under",
        "until",
        "using",
        "wants",
        "we're",
        "where",
        "whether",
        "which",
        "while",
        "would",
        "wouldn't",
        "you're",
        "you've",
        "yours",
    ]
)

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WHEN = (
    rf"\b{_DAY}\b|\btomorrow\b|\bnext (?:week|month|{_DAY})\b|\bthis (?:week|afternoon|{_DAY})\b|"
    r"\b(?:at|around|by) (?:\d{1,2}|noon|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|"
    r"\b\d{1,2}(?::\d\d)? ?(?:am|pm|o'clock)\b|\b(?:morning|afternoon)\b|\bin (?:two|three|\d+) (?:days|weeks)\b|"
    r"\bthe week (?:of|after)\b"
)
# A day with its hour is an appointment, whatever else the sentence says: "Thursday at eight, before your day starts?"
_HOUR = r"\b(?:at|around) (?:(?:half|a quarter) (?:past|to) )?(?:\d{1,2}|noon|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
_DATE = rf"\b(?:{_DAY}|tomorrow)\b"

PHRASES: dict[str, tuple[str, ...]] = {
    # -- questions ------------------------------------------------------------------------------------------------
    "question_opening": (
        r"^(?:and |so |but |okay |ok |well |then |now |great |right |sure |got it |thanks )*[, ]*"
        r"(?:what|how|why|when|where|which|who|whose|do|does|did|is|are|was|were|can|could|would|will|should|have|has|had|"
        r"may|might|am|isn't|aren't|don't|doesn't|won't|wouldn't|couldn't|can't|haven't)\b(?! (?:i hear|you need|we do|matters|i like)\b)",
    ),
    "open_question": (
        r"\b(?:what|how|why)\b(?! (?:many|much|long|often|old|soon|about (?:if|we))\b)",
        r"\bcurious (?:about|how|what|why)\b",
    ),
    "invitation": (
        r"\b(?:tell me|walk me through|talk me through|help me understand|describe|share with me|give me (?:a sense|an idea|an example))\b",
        r"\b(?:could|can|would) you (?:tell|explain|describe|share|elaborate|walk|expand|say more|give me)\b",
    ),
    "closed_start": (
        r"^(?:and |so |but |okay |ok |well |then |now |great |right |sure )*[, ]*"
        r"(?:do|does|did|is|are|was|were|will|should|have|has|had|may|might|isn't|aren't|don't|doesn't|won't|wouldn't|"
        r"when|where|which|who|how (?:many|much|long|often|old|soon))\b",
        r"\b(?:wouldn't|won't|isn't|don't|doesn't) (?:it|you|that|they)\b",
    ),
    "tag_question": (
        r"^(?:right|ok|okay|yes|no|really|huh|yeah|you know|makes sense|fair enough|hello|hi|sorry|pardon)[ ,]*\?+$",
    ),
    "problem_topic": (
        r"\b(?:problem|challenge|issue|struggl\w*|difficult\w*|pain\w*|frustrat\w*|bottleneck\w*|headache\w*|go(?:es)? wrong|"
        r"hard(?:est)?|slow\w*|break\w*|fail\w*|worr\w+|concern\w*|keep\w* you up|bother\w*|in the way|get stuck|stuck|"
        r"hurt\w*|miss(?:ed|ing)?|lose|losing|lost|mistakes?|errors?|delay\w*|gaps?|risk\w*|unhappy|would you (?:change|improve|fix)|"
        r"don't like|not work\w*|fall(?:s|ing)? (?:short|through|down)|holding (?:you|back))\b",
    ),
    "process_topic": (
        r"\b(?:current(?:ly)?|today|right now|at the moment|process|workflow|set ?up|handle|manage|deal with|typical\w*|"
        r"day to day|week|team|track\w*|use|using|usually|happens (?:when|if|after)|look like|decid\w*|who else)\b",
    ),
    "impact_topic": (
        r"\b(?:cost\w*|impact\w*|affect\w*|effect|mean(?:s)? for|consequence\w*|how (?:many|much|often|long)|hours?|money|revenue|"
        r"happens (?:if|when|to)|worth|lose|losing|price of|what would (?:it|that|change)|difference would|if (?:nothing|that|this) "
        r"(?:changes?|goes|keeps|continues)|priority|important|matter\w*|results?|time (?:do|does|is))\b",
    ),
    # -- opening --------------------------------------------------------------------------------------------------
    "introduction": (
        r"\b(?:this is|my name is|my name's|i'm|i am|it's) (?!calling|here|just|going|sorry|not|sure|glad|happy|trying|the|a|an|in|so|only)"
        r"[a-z'-]+(?: [a-z'-]+){0,2},? (?:from|with|at|of|over at|calling from|here (?:from|at)|and i|i work|i run|i lead|we)\b",
        r"\bmy name(?:'s| is) [a-z]+",
        r"\b[a-z]+ (?:here|calling|speaking) from [a-z]+",
        r"\bi(?:'m| am) calling from\b",
        r"\bi work (?:with|for|at)\b",
        r"\bthis is [a-z]+ (?:with|from|at)\b",
        r"\b(?:hi|hello|hey|good (?:morning|afternoon|evening|day)),? (?:(?:mr|ms|mrs|miss|dr)\.? )?[a-z'-]+,? [a-z'-]+(?: [a-z'-]+)? (?:from|with|of) [a-z]",
        r"\bon behalf of\b",
    ),
    "reason": (
        r"\breason (?:for my|i'm|i am|of my|why i|for the|for this|i) ?(?:call\w*|reach\w*|am|wanted)?",
        r"\b(?:calling|ringing|phoning) (?:because|about|to|since|as)\b",
        r"\bi(?:'d| would) (?:love|like) to (?:start|begin|hear)\b",
        r"\bi(?: was)? wonder(?:ed|ing) (?:if|whether)\b",
        r"\breach(?:ing|ed) out (?:because|about|to|since|as)\b",
        r"\bwhy i(?:'m| am) calling\b",
        r"\bi(?:'m| am) calling you? ?(?:because|about|to)\b",
        r"\b(?:i )?wanted to (?:talk|speak|ask|see|find out|learn|understand|share|show)\b",
        r"\bi(?:'d| would) like to (?:talk|speak|ask|see|find out|learn|understand|share)\b",
        r"\bpurpose of (?:my|this|the)\b",
        r"\bthe goal (?:of|for) (?:this|the|our|my)\b",
    ),
    "permission": (
        r"\b(?:do you have|have you got|got|can i have|could i have|may i have|could i take|can i take|give me|can i borrow)\b"
        r"[^.?!]{0,20}\b(?:minute|second|moment|half a minute|thirty|30|two|time)\b",
        r"\bis (?:this|now) (?:a|an) (?:good|bad|okay|ok|terrible|convenient)\b",
        r"\b(?:did i|have i) (?:catch|caught) you\b",
        r"\b(?:can|could|may) i ask\b",
        r"\b(?:would|do) you mind if\b",
        r"\bis it (?:ok|okay|all right|alright|fair) if\b",
        r"\bi know (?:you're|you are|i'm|this is)\b[^.?!]{0,30}\b(?:busy|out of the blue|cold call|interrupt\w*|short)\b",
    ),
    "relevance": (
        r"\bi (?:saw|noticed|read|understand|heard|see|looked) (?:that |at |about |on |in |from |through )?(?:you|your)\b",
        # "I saw Brightside opens two clinics": what somebody looked up before they called.
        r"\bi (?:saw|noticed|read) (?!it\b|this\b|them\b|him\b|her\b)",
        r"\b(?:companies|teams|firms|businesses|people|managers|directors|clinics|shops|stores|hotels|agencies|plants|leaders|operators) "
        r"(?:like|such as|similar to|your size|in your)\b",
        r"\b(?:we|i) work with (?:other |many |several |a lot of |a number of )?[a-z ]{0,30}(?:like you|your|companies|teams|firms|in the|who|that)\b",
        r"\bin your (?:industry|field|position|role|situation|sector|area|line)\b",
        r"\bspecifically\b[^.?!]{0,40}\byour?\b",
    ),
    # -- listening ------------------------------------------------------------------------------------------------
    "empathy": (
        r"\b(?:i|we) (?:completely |totally |fully |really |do |can )*(?:understand|hear you|get (?:it|that)|appreciate|see (?:why|how|what)|imagine)\b",
        r"\b(?:that|it|this) (?:makes|does make) (?:sense|total sense|perfect sense|a lot of sense)\b",
        r"\b(?:that|it|this)(?:'s| is| must be| sounds| has to be)(?: \w+)? (?:fair|frustrat\w+|tough|hard|reasonable|understandable|painful|stressful|difficult|valid|annoying|exhausting)\b",
        r"\bfair (?:point|enough|question|concern)\b",
        r"\b(?:thank you|thanks) for (?:being|telling|sharing|the honest\w*|your (?:honesty|candou?r|patience)|that|saying)\b",
        r"\b(?:sorry|glad) (?:to hear|you)\b",
        r"\bgood (?:point|question)\b",
        r"\byou're right\b",
        r"\bi'd (?:feel|be|think|ask) the same\b",
        r"\bmakes sense\b",
    ),
    "acknowledge": (
        r"\b(?:i|we) (?:completely |totally |fully |really |do |can )*(?:understand|hear you|hear that|get (?:it|that)|appreciate|see (?:why|how|what)|respect)\b",
        r"\b(?:makes|make) (?:total |perfect |a lot of )?sense\b",
        r"\bfair (?:point|enough|question|concern)\b",
        r"\b(?:that's|that is|it's|it is)(?: \w+)? (?:fair|reasonable|understandable|valid|a good|a real|important|right)\b",
        r"\b(?:good|great|valid) (?:point|question|concern)\b",
        r"\byou're (?:right|not alone|not the first)\b",
        r"\b(?:thanks|thank you|glad) (?:for|you)\b[^.?!]{0,30}\b(?:honest\w*|direct|straight|open|raising|saying|telling|sharing|brought|asked)\b",
        r"^(?:that's |it's )?(?:totally|completely|perfectly|quite|very)? ?(?:fair|right|understandable|reasonable)\b",
        r"^(?:i )?(?:totally|completely|fully|absolutely) (?:get|understand|see) (?:it|that|you|why)\b",
        r"\bi(?:'d| would)(?: not|n't)? [^.?!]{0,40}\b(?:either|too|as well)\b",
        r"\b(?:they|you)(?:'re| are) quite right\b",
        r"\b(?:good|glad) (?:that |thing )?you (?:say|said|raise|raised|ask|asked|mention|mentioned|tell|told)\b",
        r"\bi (?:believe you|don't doubt)\b",
        r"\b(?:many|most|a lot) of (?:our|the|my)\b[^.?!]{0,40}\b(?:said|felt|thought|worried|asked)\b",
        r"\bi'd (?:feel|be|think|ask|want) the same\b",
    ),
    "paraphrase": (
        r"\b(?:so )?(?:if|what) i(?:'m| am)?(?: \w+)? (?:understand\w*|hear\w*|get(?:ting)?)\b",
        r"\b(?:it|that) sounds (?:like|as if|as though)\b",
        r"\bsounds like\b",
        r"\byou (?:mentioned|said|told me|described|talked about|brought up|just said)\b",
        r"\bso (?:you|your|the|it|that)(?:'re|'s| are| is|'ve| have)?\b[^.?!]{0,60}\b(?:because|which means|and that|costs?|takes?|los\w+|need\w*|want\w*)\b",
        r"\bin other words\b",
        r"\b(?:let me|to) (?:make sure|check|see if|play (?:that|it) back|repeat|confirm)\b",
        r"\b(?:did|do) i (?:get|have|understand) that (?:right|correctly)\b",
        r"\bwhat you're saying\b",
    ),
    "recap": (
        r"\b(?:to|let me|so let me|just to) (?:recap|summari[sz]e|sum up|wrap up|confirm|pull (?:it|this) together)\b",
        r"\bin (?:summary|short)\b",
        r"\bso (?:to|what|far|we've|we have) (?:recap|agreed|covered|i've heard|we)\b",
        r"\bso we(?:'ve| have)? (?:agree\w*|said|talked|covered)\b",
        r"\blet me (?:just )?(?:play (?:that|it) back|see if i(?:'ve| have)? (?:got|understood))\b",
        r"\bso what i(?:'ve| have)? (?:understood|heard|noted|got|take)\b",
        r"\bfrom what you(?:'ve| have)? (?:told|said|shared|described)\b",
        r"\bbased on what you(?:'ve| have)?\b",
        r"\byou(?:'ve| have)? (?:told|said to) me (?:that )?[^.?!]{8,}\band\b",
    ),
    # -- value ----------------------------------------------------------------------------------------------------
    "value": (
        r"\b(?:sav(?:e|es|ing|ed)|cut(?:s|ting)?|reduc\w+|increas\w+|grow\w*|improv\w+|avoid\w*|free(?:s|ing|d)?(?: up)?|protect\w*|"
        r"fewer|faster|less|caught|catch(?:es)?|pays? (?:back|for itself)|costs? you (?:more|less)|refund\w*|that's what [^.?!]{3,40} (?:is|are) for|would have (?:shown|caught|told|warned|saved|prevented|avoided)|shorten\w*|speed\w*|win(?:s|ning)? back|get(?:s|ting)? (?:back|rid)|eliminat\w+|prevent\w*|stop(?:s|ped)?|lower\w*|recover\w*|"
        r"so (?:that )?you(?:r)?(?: \w+)? (?:can|don't|won't|get|have|never|stop|spend)|which means (?:you|your)|help(?:s|ed|ing)? (?:you|your|them|teams?|companies))\b",
    ),
    "need_link": (
        r"\b(?:you (?:mentioned|said|told|described)|your (?:team|people|reps|business|customers|clients|patients|guests|drivers|goal|problem|situation|case|concern|"
        r"company|process|hours?|staff|store|shop|numbers?)|that (?:problem|delay|hour|time|gap)|for you\b|in your case|since you|because you|given (?:that|what)|what you)\b",
    ),
    "proof": (
        r"\b(?:for (?:example|instance)|case study|one of our (?:customers|clients|users)|(?:a|another|one) (?:customer|client|company|team|firm|clinic|hotel|shop|store|"
        r"manufacturer|retailer|agency|plant|chain|operator) (?:like|in|of|near|similar|called|with|we|that|who|your)|customers? (?:like|of ours|such as|saw|report)|"
        r"reference\w*|pilot|trial|proof of concept|data shows?|on average|measured|results? (?:from|at|with)|in writing|certified|audit\w*|"
        r"i can (?:send|show|share) you|let you (?:talk|speak) (?:to|with)|put you in touch|happy to (?:show|share|send|connect|introduce))\b",
    ),
    "figure": (
        r"\b\d+(?:[.,]\d+)? ?(?:%|percent|per cent|hours?|minutes?|days?|weeks?|months?|customers|clients|companies|teams)\b",
        r"\b(?:half|twice|a third|a quarter|two thirds|double|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|ten|fifteen|twenty-five) (?:percent|per cent|hours|minutes|days|customers|companies))\b",
    ),
    # -- closing --------------------------------------------------------------------------------------------------
    "next_step": (
        r"\b(?:can|could|shall|should|may|would|why don't|how about|what if|let's|let me|i'd like to|i would like to|i'd suggest|i suggest|i propose|we could|we can|i can|happy to|"
        r"would you be open|are you open|does it make sense|would it make sense|would it be)\b[^.?!]{0,70}"
        r"\b(?:meet(?:ing)?|demo|call|book|schedule|set up|set aside|follow ?up|calendar|invite|pilot|trial|walk through|walkthrough|sit down|next step|"
        r"session|visit|come by|twenty minutes|thirty minutes|fifteen minutes|half an hour|15|20|30|send you|put (?:something|it) in|speak again|talk again|workshop|proposal)\b",
        r"\b(?:does|do|would|how does|how about|what about|are you (?:free|available)|is)\b[^.?!]{0,40}(?:"
        + _WHEN
        + r")[^.?!]{0,30}\b(?:work|suit|sound|free|available|possible|good|okay|ok)\b",
        r"\b(?:next step|as a next step|when (?:could|can|would|are|is|do) (?:we|you|be))\b",
        r"\bi'll send (?:you )?(?:an|the|a) (?:invite|calendar|invitation|summary)\b",
        r"\bwhat (?:day|time) (?:works|suits|would|is)\b",
        r"\bshall (?:i|we) (?:come|call|ring|send|meet|talk|speak|sit|have|fix|arrange|set|put)\b",
        r"\b(?:do you want me to|would you like me to|would you like to) (?:come|call|ring|send|set|meet|try|see|visit|talk|have|book)\b",
        rf"{_DATE}[^.?!]{{0,30}}{_HOUR}|{_HOUR}[^.?!]{{0,15}}{_DATE}",
        r"\b(?:shall|can|could) we (?:say|do|put|agree|start|try|find|lock)\b",
        # Whatever is proposed to be done together, at a time: "Could we look at your numbers together on Tuesday at ten?"
        r"\b(?:(?:shall|can|could|should|may) we|let's)\b[^.?!]{0,80}(?:" + _WHEN + r")",
        r"\b(?:how about|what about|i could come|i can come|i could drop|i can be|let's say)\b[^.?!]{0,40}(?:"
        + _WHEN
        + r")",
    ),
    # It asks for the order, and nothing about the buyer.
    "asks_to_buy": (
        r"\b(?:do |so |would )?you (?:want|like|take|buy) (?:it|one|this|that|them|some|to (?:buy|have|take|sign|order))\b|\b(?:will|would) you (?:take|buy|sign|order)\b|"
        r"\b(?:are you in|ready to (?:buy|sign|order|start)|shall (?:we|i) sign|can we sign|do we have a deal|deal\?|interested\?|yes or no|what do you say|how many (?:do you want|shall i))",
    ),
    "specific_time": (_WHEN,),
    # -- conduct --------------------------------------------------------------------------------------------------
    "pressure": (
        r"\b(?:you (?:really |just |simply )*(?:have|need|got|ought) to (?:buy|sign|decide|act|hear|listen|find|do (?:it|this))|you (?:must|should) (?:sign|decide|buy|act)|sign (?:today|now|right now|this (?:week|month))|if you sign|offer (?:ends|expires|runs out)|left behind|can't afford not to|competitors? (?:are |is )?already us\w+|you'll regret|regret it|today only|only today|right now or|last chance|"
        r"limited (?:time|offer)|before it's too late|special (?:price|offer|deal)|you'(?:d be|ll) (?:crazy|stupid|sorry|regret)|you would be crazy|"
        r"don't (?:you want|miss)|what's it going to take|just (?:say yes|sign|buy|give (?:it|me))|you(?:'re| are) making a mistake|big mistake|buy (?:it )?now|"
        r"no[- ]brainer|everyone (?:else )?(?:is|has|uses|buys|wants)|everybody (?:in [a-z ]{3,20} )?(?:is|has|uses|buys|wants)|listen to me|let me finish|hear me out)\b",
    ),
    "dismissive": (
        r"\b(?:that's not (?:true|a (?:real )?(?:problem|issue|reason|concern))|you(?:'re| are) wrong|that's (?:ridiculous|nonsense|silly|wrong|an excuse|just an excuse|your problem)|"
        r"that's not (?:our|my) problem|don't worry about (?:that|it|any)|your loss|come on, |is outdated|like a dinosaur|you don't need to ask|known for bad|you don't (?:understand|get it|know)|i don't (?:care|believe)|doesn't matter|never mind that|whatever|no(?:,)? but|forget (?:that|about (?:that|it|your))|"
        r"you can afford|it's not (?:that )?expensive|everyone says that|trust me|believe me|calm down|your current \w+ is (?:bad|terrible|garbage|outdated|rubbish)|not my problem)\b",
    ),
    "overpromise": (
        r"\b(?:guarantee\w*|100 ?%|one hundred percent|promise you|never fail\w*|zero risk|no risk|best (?:on|in) the (?:market|world|industry)|best[- ]in[- ]class|market[- ]lead\w+|leading (?:all|next|edge|solution|platform|provider)\w*|the leading|all-in-one|seamless\w*|award[- ]winning|next[- ]generation|holistic|supercharg\w+|the most advanced|never makes? mistakes|ai[- ]powered|the best (?:product|solution|software|tool)|"
        r"number one|always works?|solves? (?:everything|all)|perfect (?:solution|product)|world[- ]class|revolution\w*|game[- ]chang\w*|cutting[- ]edge|state of the art|amazing|incredible)\b",
    ),
    "abuse": (
        r"\b(?:idiot\w*|stupid|moron\w*|dumb|shut up|fuck\w*|shit\w*|bullshit|damn you|asshole|bitch|hell with you|loser|pathetic|screw you|crap|useless people|waste of (?:my|space))\b",
    ),
    "courtesy": (
        r"\b(?:please|thank you|thanks|appreciate|good (?:morning|afternoon|day)|nice to|pleasure|sorry|would you mind|have a (?:good|great|nice))\b",
    ),
    # "Teams like yours", "do you like it", "it sounds like we": there it is a word.
    "filler": (
        r"\b(?:um+|uh+|er+m*|hmm+|mm+|you know|i mean|kind of|sort of|basically|actually|literally|honestly|(?<=, )like(?=,)|(?<!sounds)(?<!looks)(?<!seems)(?<!feels),? like (?=(?:i|we|so|um)\b)|, like (?=you\b)|so yeah|anyway|or something|stuff like that)\b",
    ),
    "pitch": (
        r"\b(?:our (?:product|platform|solution|software|tool|service|system|app|technology|company)|we (?:offer|provide|have|sell|built|do|deliver|are the)|"
        r"it (?:has|does|comes with|includes|offers|features)|features?|dashboard|ai[- ]powered|integrat\w+|package|discount|license)\b",
    ),
    "farewell": (r"\b(?:bye|goodbye|have a (?:good|great|nice)|talk (?:soon|to you)|see you|speak (?:soon|then))\b",),
    # -- the buyer ------------------------------------------------------------------------------------------------
    "buyer_agrees": (
        r"\b(?:absolutely|agreed|it's a deal|you(?:'ve| have) (?:got )?a deal|sounds (?:good|fair|reasonable|great)|(?:that|it)(?: time| day)? works(?= for (?:me|us)|[.,;!]|$)|that works (?:fine|well|great|perfectly)|works for me|"
        r"let's (?:do|say|set|try|book)|i can do|i'm free|i am free|send (?:me |over )?(?:the|an|a) (?:invit\w+|calendar)|put it in (?:my|the|your)|book it|see you|i'll be there|count me in|i'm in\b|"
        r"you(?:'ve| have) convinced me|looking forward|happy to (?:meet|see|talk|try|do)|i(?:'d| would) (?:like|love) (?:that|to)|(?:please do|go ahead and) (?:send|book|call|put))\b",
        r"\b(?:would|will) suit me\b|^(?:please |yes,? )?do (?:that|it|so)\b|(?<!in part), (?:yes|sure|okay|of course)[.!]?$|^(?!everything |all |no |nothing )[\w' ]+ (?:is|would be) (?:fine|okay|good|great|perfect)(?: (?:by|with|for) (?:me|us))?[.,! ]*$",
        # "Tuesday doesn't work, but Wednesday at ten does."
        r"(?:" + _WHEN + r") (?:does|would|works|suits me|is (?:better|fine|good|okay))(?: (?:work|do|suit me))?[.!]?$",
    ),
    # At the head of a sentence, and only where nothing after it says that it was no yes.
    "buyer_yes": (
        r"^(?:(?:well|oh|hm+|um+|so),? )?(?:yes|yeah|yep|sure|okay|ok|fine|all right|alright|deal|of course|(?:good|great|perfect)(?=[.,;!]|$)|why not|(?:that's|that is|it's) (?:fine|okay|ok|all right|good|great|perfect))\b",
    ),
    # "Okay, that's an answer." takes note and promises nothing.
    "buyer_notes": (
        r"\b(?:noted|go (?:on|ahead)(?! and)|tell me more|i'm listening|i see\b|(?:that's|that is) (?:it|an? (?:answer|fair)|concrete|measurable|clear|about right|something|nice)|that settles|that answers|"
        r"live with that|my attention|good here|clear|i needn't|you mean|so they say|if you say so|not so fast|of course not)\b",
    ),
    "buyer_puts_off": (
        r"\b(?:send|mail|e-?mail) (?:(?:me|us|it|that|them) )?(?:over )?(?:to me )?(?:(?:something|anything|it|that|some|more|your|the|an?) ?)?(?:(?:more )?(?:information|info|details|material\w*|brochure|e-?mail|mail|leaflet|documentation) ?)?(?:by|via|in an) e?-?mail\b",
        r"\b(?:send|drop|write) (?:me|us) (?:something|(?:an?|your) (?:e-?mail|mail|brochure|leaflet|line)\b(?! (?:with|for) the invit)|(?:some |more )?(?:information|info|material\w*|documentation))\b",
        r"\b(?:(?:just|shoot) )?e-?mail (?:me|us)\b|\bshoot (?:me|us) an e-?mail\b",
        r"\b(?:in writing first|think (?:about it|it over)|get back to you|maybe|perhaps|we'll see|i promise nothing)\b",
    ),
    # Some other time, and not the one that was asked for.
    "buyer_postpones": (
        r"\b(?:call|ring|phone|try|write to|email|ask) (?:me|us) (?:back |again )*(?:next|in (?:a|an|one|two|three|six|the) |after|later|some ?time|another time)",
        r"\bdrop (?:me|us) a line (?:next|in (?:a|an|one|two|three|six|the) |after|later|some ?time)",
        r"\b(?:another|some other|a different) time\b|\b(?:after|not before) the (?:summer|holidays|season|new year)\b|\b(?:next (?:quarter|year)|later this year)\b",
    ),
    # "Yes, if you can tell me what it costs": something is asked for first. Where and when to meet is not, nor "if you like".
    "buyer_conditions": (
        r"\b(?:if|once|as soon as|as long as|provided(?: that)?|only when) you(?:'ve|'ll|'d)? (?:(?:can|could|will|would|have|first|also|just) )*"
        r"(?:(?:tell|told)(?! (?:me|us) (?:when|where|which|what (?:time|day)|how long|who|the (?:time|day|date|address|place)))"
        r"|answer\w*|prove[nd]?|guarantee\w*|convinced?|lower\w*|drop the|come down|(?:give|gave|given) (?:me|us) (?:an?|some|your) (?:better|discount|guarantee|price|figure|reference))\b",
        r"\b(?:if|once|as soon as|only when) (?:i|we) (?:know|knew) (?:what|how much|why|the (?:price|cost))\b",
        r"\bif (?:the|your) (?:price|cost)s? (?:is|are|isn't|aren't|fits?|suits?|works?)\b|\bif (?:it|that|this)(?:'s| is)?(?:n't| not)? (?:too |that |so )?(?:expensive|cheap|affordable)\b",
    ),
    "offers_call": (r"\b(?:call|ring|phone|write to|email) you\b|\b(?:follow up|touch base|check in|get back)\b",),
    "buyer_is_away": (
        r"\b(?:i'm|i am|i'll be|we're|we are|we'll be) (?:all day )?(?:away|out|off|busy|travel\w+|on (?:holiday|leave|the road)|in (?:a |another )?meetings?|tied up|booked)\b",
    ),
    "contrast": (r"\b(?:but|though|although|however|except|only that)\b",),
    "arranging": (
        r"\b(?:what time|which (?:time|day|date)|what day|when|where|how long|who (?:else )?(?:will|should|needs)|at what|shall (?:i|we)|should (?:i|we)|do you want|can you (?:send|call|come|make))\b",
    ),
    "buyer_declines": (
        r"\b(?:no thanks|no thank you|not interested|don't call|do not call|remove (?:me|us)|i have to go|i've got to go|i'm hanging up|goodbye|not now|no, i|i don't think|"
        r"that won't work|can't commit|not ready|we're done|stop calling|waste of time|let's leave it|not going to|i'll pass|i need to go|we'll leave it)\b",
    ),
    "objection_price": (
        r"\b(?:expensive|budget|cost\w*|price\w*|afford|cheaper|money|pay that|too much|discount|spend\w*|funds?)\b",
    ),
    "objection_timing": (
        r"\b(?:not (?:a good|the right) time|bad time|busy|no time|next (?:quarter|year)|call (?:me )?(?:back|later)|too (?:soon|early)|timing|right now isn't|later this year|in a meeting|middle of)\b",
    ),
    "objection_authority": (
        r"\b(?:my (?:boss|manager|partner|director|board)|not my (?:decision|call)|talk to (?:my|the)|run it by|check with|sign off|committee|procurement|head office)\b",
    ),
    "objection_need": (
        r"\b(?:don't (?:need|see|have (?:a|that) (?:problem|need))|no need|not interested|we're fine|we are fine|not a priority|don't think we need|why would (?:i|we)|what's in it)\b",
    ),
    "objection_trust": (
        r"\b(?:never heard of|how do i know|prove|proof|reference\w*|heard (?:that|it|this|promises) before|promises|burned|sounds too good|believe|trust|who are you|sceptical|skeptical|startup|small company)\b",
    ),
    "objection_competitor": (
        r"\b(?:already (?:use|have|work|using|with)|current (?:provider|vendor|supplier|tool|system)|happy with|competitor|under contract|switch\w*|we use|another (?:vendor|provider|supplier))\b",
    ),
    "objection_status_quo": (
        r"\b(?:works? (?:fine|well enough|okay|ok)|always done|as it is|good enough|isn't broken|not broken|change is|too (?:much|disruptive) (?:work|change|trouble|hassle|effort)|used to it|stick with|spreadsheet\w*)\b",
    ),
    "objection_features": (
        r"\b(?:doesn't (?:do|have|support|integrate)|does it (?:do|have|support|integrate)|missing|too complicated|complex|hard to (?:use|learn)|integration|integrate with)\b",
    ),
    "negation": (r"\b(?:no|not|never|cannot|nothing)\b|n't\b",),
    "buyer_softens": (
        r"\b(?:fair (?:enough|point)|that (?:makes|would make) sense|good (?:point|question|answer)|interesting|that helps|that would help|i didn't know|tell me more|go on|all right|okay, that|"
        r"that's (?:useful|helpful|fair|different|good|reassuring|true)|i see|you're right|never thought|worth (?:a look|looking|considering))\b",
    ),
    "buyer_hardens": (
        r"\b(?:you're not listening|i (?:just|already) (?:told|said)|not what i asked|that's (?:exactly|precisely) (?:what|why)|you didn't answer|don't push|stop it|enough of|i said|"
        r"that doesn't answer|sounds like a pitch|another pitch|you keep)\b",
    ),
}
